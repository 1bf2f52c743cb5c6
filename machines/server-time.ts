/**
 * What the client believes the server's clock to say (lifecycle.md §9). Pure arithmetic over evidence.
 *
 * Best first: a `Date` that came with a mint; a proof, that is a token minted for us, since the server's clock had
 * reached its `iat` by then; and the local clock, until it is proven wrong.
 */
import { elapsedMs, type Instant } from './time';

/** The server's clock had reached `serverMs` at `at`, and does not run backwards from there. */
export type Proof = {
  readonly serverMs: number;
  readonly at: Instant;
  /** The estimate agreed with it, or two mints in step did. One strange `iat` is never trusted. */
  readonly trusted: boolean;
};

/** What the server's clock was taken to say at `at`. */
export type Estimate = { readonly serverMs: number; readonly at: Instant };

/** One mint of our own, as evidence. */
export type MintSample = {
  /** Epoch ms on the server's clock, whole seconds; `null` for an opaque token. */
  readonly issuedAt: number | null;
  /** The `Date` of the answer, epoch ms; `null` where there is none. */
  readonly serverDate: number | null;
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
};

export type ServerClock = {
  /** Estimated server time minus the local wall clock. */
  readonly offsetMs: number;
  readonly evidence: 'local' | 'shared' | 'proof' | 'date';
  readonly proof: Proof | null;
  /** The last mint with an `iat`: two in a row tell a wrong clock from an old token. */
  readonly lastSample: MintSample | null;
  /** What was believed before a mint put the server far ahead of it: if it was the server that was wrong, it comes back to that. */
  readonly overtaken: Estimate | null;
  /** The `iat` of the token that the word of another tab came with; `null` where nobody knows. */
  readonly toldWith: number | null;
};

/** `iat` and `Date` are cut to whole seconds: what they say may be up to this much too early. */
const secondMs = 1_000;

export const localClock: ServerClock = {
  offsetMs: 0,
  evidence: 'local',
  proof: null,
  lastSample: null,
  overtaken: null,
  toldWith: null,
};

/** Nothing has been learned yet, not even that somebody set the wall clock: whoever knows better is believed. */
export const isUntaught = ({ evidence, offsetMs }: ServerClock): boolean => evidence === 'local' && offsetMs === 0;

/** A clock that starts from an offset which this browser learned earlier, with some token, capped at 24 h either way. */
export function sharedClock(offsetMs: number | undefined, toldWith: number | null = null): ServerClock {
  if (offsetMs === undefined || !Number.isFinite(offsetMs) || Math.abs(offsetMs) > 86_400_000) return localClock;
  return offsetMs === 0 ? localClock : { ...localClock, offsetMs, evidence: 'shared', toldWith };
}

/** The least that the server's clock can say now, by proof; −∞ without one. */
function provenMs(proof: Proof | null, now: Instant): number {
  return proof ? proof.serverMs + Math.max(0, now.monotonicMs - proof.at.monotonicMs) : Number.NEGATIVE_INFINITY;
}

/** What it knows it was told, and may be of long ago: it was proven wrong meanwhile where another tab says something else. */
const isHearsay = ({ evidence, proof }: ServerClock): boolean => evidence === 'shared' && !proof?.trusted;

/**
 * What another tab learned, where this one learned nothing by itself (R9.12); but no less than what was proven here. The proof alone
 * would not do: it stands still while the computer sleeps.
 */
export function adoptOffset(clock: ServerClock, theirs: ServerClock, now: Instant): ServerClock {
  if (!(isUntaught(clock) || isHearsay(clock)) || isUntaught(theirs)) return clock;
  const offsetMs = Math.max(theirs.offsetMs, provenMs(clock.proof, now) - now.wallMs);
  return { ...clock, offsetMs, evidence: theirs.evidence, toldWith: theirs.toldWith };
}

/** The same of what is on record; but not of before what it was told since, which may never have been written down. */
export function adoptRecorded(clock: ServerClock, recorded: ServerClock, now: Instant): ServerClock {
  const isOfBefore = clock.toldWith !== null && recorded.toldWith !== null && recorded.toldWith < clock.toldWith;
  return isOfBefore ? clock : adoptOffset(clock, recorded, now);
}

/** Estimated server time, epoch ms. */
export function serverNowMs(clock: ServerClock, now: Instant): number {
  return Math.max(now.wallMs + clock.offsetMs, provenMs(clock.proof, now));
}

/** A wall clock that lost more than this against the monotonic one was set back. */
export const leastSetBackMs = 1_000;

/** By how much somebody set the wall clock back between two looks; 0 where it only drifted, or jumped ahead. */
export function setBackByMs(before: Instant, now: Instant): number {
  const lostMs = now.monotonicMs - before.monotonicMs - (now.wallMs - before.wallMs);
  return lostMs > leastSetBackMs ? lostMs : 0;
}

/**
 * The estimate goes on when somebody sets the wall clock back: the server's clock did not run backwards (R9.14). A wall
 * clock that jumps ahead is believed until a mint says otherwise; the computer may have slept.
 */
export function followWall(clock: ServerClock, before: Instant, now: Instant): ServerClock {
  const lostMs = setBackByMs(before, now);
  return lostMs > 0 ? { ...clock, offsetMs: clock.offsetMs + lostMs } : clock;
}

const roundTripMs = (sample: MintSample): number => elapsedMs(sample.sentAt, sample.receivedAt);

/** The oldest that a token can look which was issued just now: seconds are coarse, and it was on its way. */
const newestMs = (sample: MintSample): number => 2 * secondMs + roundTripMs(sample);

/** Two mints in a row whose `iat` (or `Date`) advanced as the time between them did (±1 s and the round trips). */
function inStep(before: MintSample | null, after: MintSample, by: 'issuedAt' | 'serverDate' = 'issuedAt'): boolean {
  const [earlier, later] = [before?.[by] ?? null, after[by]];
  if (before === null || earlier === null || later === null) return false;
  const advancedMs = later - earlier;
  const passedMs = elapsedMs(before.receivedAt, after.receivedAt);
  const toleranceMs = secondMs + roundTripMs(before) + roundTripMs(after);
  return advancedMs > 0 && Math.abs(advancedMs - passedMs) <= toleranceMs;
}

/** An `iat` so far below what is proven that believing it would turn the server's clock back. */
export function contradictsProof(clock: ServerClock, sample: MintSample): boolean {
  if (!clock.proof?.trusted || sample.issuedAt === null) return false;
  return sample.issuedAt + newestMs(sample) < provenMs(clock.proof, sample.receivedAt);
}

/** The estimate is further on than what is proven: the wall clock was set, or slept, and may be what is wrong. */
export function isAheadOfProof(clock: ServerClock, sample: MintSample): boolean {
  const { receivedAt } = sample;
  return serverNowMs(clock, receivedAt) - provenMs(clock.proof, receivedAt) > newestMs(sample);
}

/** Issued just now, by what was believed before the server was far ahead of it. Either clock may tell how long ago that is. */
export function isAsBefore({ overtaken }: ServerClock, { issuedAt, ...sample }: MintSample): boolean {
  if (overtaken === null || issuedAt === null) return false;
  const { at, serverMs } = overtaken;
  const { monotonicMs, wallMs } = sample.receivedAt;
  return [monotonicMs - at.monotonicMs, wallMs - at.wallMs].some((passedMs) => {
    const ageMs = serverMs + passedMs - issuedAt;
    return ageMs >= -secondMs && ageMs <= newestMs({ issuedAt, ...sample });
  });
}

/** What is to be remembered where an `iat` is believed that is not what was believed so far. */
function leftBehind(clock: ServerClock, { issuedAt, ...sample }: MintSample, believedMs: number): Estimate | null {
  const isFarAhead = issuedAt !== null && issuedAt - believedMs > newestMs({ issuedAt, ...sample });
  return isFarAhead ? { serverMs: believedMs, at: sample.receivedAt } : clock.overtaken;
}

/**
 * One node with an odd clock: its `Date` is neither what we believe, nor what the `iat` beside it or the proof allows. Two in
 * step are believed.
 */
function isOddDate(clock: ServerClock, sample: MintSample, serverDate: number): boolean {
  const { issuedAt, receivedAt } = sample;
  const latest = serverDate + secondMs + roundTripMs(sample);
  const estimate = serverNowMs(clock, receivedAt);
  // Ahead of the estimate, it is believed: no clock of ours proves a server behind.
  if (estimate <= latest + secondMs) return false;
  if (issuedAt !== null) {
    const ageMs = estimate - issuedAt;
    const iatAgrees = ageMs >= 0 && ageMs <= newestMs(sample);
    if (iatAgrees && latest < issuedAt) return true;
  }
  const proven = clock.proof?.trusted ? provenMs(clock.proof, receivedAt) : Number.NEGATIVE_INFINITY;
  return latest + secondMs < proven && !inStep(clock.lastSample, sample, 'serverDate');
}

function fromDate(clock: ServerClock, sample: MintSample, serverDate: number): ServerClock {
  const { receivedAt } = sample;
  const proof: Proof = { serverMs: serverDate, at: receivedAt, trusted: true };
  const earliest = serverDate;
  const latest = serverDate + secondMs + roundTripMs(sample);
  const estimate = receivedAt.wallMs + clock.offsetMs;
  const agrees = estimate >= earliest && estimate <= latest;
  const offsetMs = agrees ? clock.offsetMs : serverDate + secondMs - receivedAt.wallMs;
  return { ...clock, offsetMs, evidence: 'date', proof, lastSample: sample };
}

/**
 * The clock after one more mint of our own. A right clock stays exactly as it is.
 *
 * Behind: an `iat` above the estimate. Ahead: two mints in step that both look old. Either moves the estimate to the
 * upper end of the second, which errs towards refreshing early.
 */
export function learnFromMint(clock: ServerClock, sample: MintSample): ServerClock {
  const { serverDate } = sample;
  if (serverDate !== null && !isOddDate(clock, sample, serverDate)) return fromDate(clock, sample, serverDate);
  if (sample.issuedAt === null) return { ...clock, lastSample: sample };

  const { issuedAt, receivedAt } = sample;
  const estimate = serverNowMs(clock, receivedAt);
  const ageMs = estimate - issuedAt;
  const learned = { ...clock, lastSample: sample };
  const atUpperEnd = { offsetMs: issuedAt + secondMs - receivedAt.wallMs, evidence: 'proof' as const };

  if (ageMs < 0) {
    const trusted = inStep(clock.lastSample, sample);
    const overtaken = leftBehind(clock, sample, estimate);
    return { ...learned, ...atUpperEnd, proof: { serverMs: issuedAt, at: receivedAt, trusted }, overtaken };
  }
  const youngestPossible = ageMs <= newestMs(sample);
  if (youngestPossible) {
    // It agrees with what was proven, and the wall clock alone would say less: so it will after a sleep.
    const isBehind = receivedAt.wallMs + clock.offsetMs < issuedAt;
    const proof = laterProof(clock.proof, { serverMs: issuedAt, at: receivedAt, trusted: true });
    // What another tab said has been proven here: no hearsay any more, for this key or its siblings (R9.12).
    const isConfirmed = clock.evidence === 'shared';
    return { ...learned, ...(isConfirmed && { evidence: 'proof' }), ...(isBehind && atUpperEnd), proof };
  }
  // It tells nothing about the estimate, save how far that can be wrong.
  if (!inStep(clock.lastSample, sample))
    return { ...learned, proof: laterProof(clock.proof, { serverMs: issuedAt, at: receivedAt, trusted: false }) };
  if (!contradictsProof(clock, sample) || isAsBefore(clock, sample)) {
    const overtaken = clock.proof?.trusted
      ? leftBehind(clock, sample, provenMs(clock.proof, receivedAt))
      : clock.overtaken;
    return { ...learned, ...atUpperEnd, proof: { serverMs: issuedAt, at: receivedAt, trusted: true }, overtaken };
  }
  // Ahead they show it all the same: how far, only the proof can tell, which stands.
  const offsetMs = provenMs(clock.proof, receivedAt) + secondMs - receivedAt.wallMs;
  return isAheadOfProof(clock, sample) ? { ...learned, offsetMs, evidence: 'proof' } : learned;
}

/** A trusted one before any other; of two such the one that says more. */
function laterProof(held: Proof | null, found: Proof): Proof {
  if (held === null || held.trusted !== found.trusted) return held?.trusted ? held : found;
  return provenMs(held, found.at) > found.serverMs ? held : found;
}
