/**
 * Turns: one mint for all tabs (R10.4). The lock of the session, then the shared record, then what another tab may have minted
 * already; whoever is left writes down that it mints. The machine says when (`refreshing.queueing`) and what follows.
 */
import type { SharedTries, TurnInput, TurnOutcome } from '../../machines/events';
import type { Failure } from '../../machines/failure';
import { keyId } from '../../machines/key';
import type { SharedKey, SharedRecord, TokenKey } from '../../machines/ports';
import { instantAt } from '../../machines/time';
import type { TokenContext } from '../../machines/token/context';
import { hasUnexpiredToken, isWindowSpent } from '../../machines/token/laws';
import { hashName } from '../token/fingerprint';
import type { Elsewhere } from './elsewhere';
import type { Work } from './hosted';
import type { Slot } from './keys';
import type { Grant, Locks } from './locks';
import { isOfTab, type Mark, markOf } from './mark';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import { pause } from './patience';
import type { RecordKeeper } from './record';

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly record: RecordKeeper;
  readonly locks: Locks;
  readonly elsewhere: Elsewhere;
  slot(id: string): Slot | undefined;
  /** Resolves when token, credential and record are where the next tab looks. */
  written(): Promise<unknown>;
  /** The record was read: the machines hear of it. */
  tell(record: SharedRecord): void;
  /** Brings the machines up to date before they hear the outcome. */
  tick(): void;
};

export type Turns = ReturnType<typeof createTurns>;

/** Another tab is at it, and there is no lock to wait for: how often the record is looked at. */
const lookAgainMs = 500;

/** Those that another tab's failure may have; anything else in the record counts as transient. */
const failureClasses = ['timed-out', 'rate-limited', 'invalid', 'rejected', 'unauthenticated', 'ambiguous'] as const;

export function createTurns(deps: Deps) {
  const { settings, names, observer, record, locks, elsewhere, slot: slotOf, tell, tick } = deps;
  const { policy, credential, clock } = settings;
  const held = new Map<string, Grant>();
  const isRotating = credential.kind === 'rotating';
  const me = settings.tabId;

  const refused = (reason: string): TurnOutcome => ({ is: 'refused', failure: { class: 'transient', reason } });
  /** Nobody listens any more. */
  const aborted = refused('aborted');

  /** Written before somebody set the clock back: nobody knows how long ago, and it would seem to last for ever. */
  const isBeforeCorrection = (writtenAt: number): boolean => writtenAt > observer.now().wallMs;

  /** What other tabs' failures mean here. */
  function triesOf(entry: SharedKey | undefined, context: TokenContext): SharedTries | null {
    // Its own it knows better, unless it has been stopped since.
    if (!entry?.failed || (entry.failed.by === me && context.failedTries > 0)) return null;
    const { attempt, since, notBefore, class: named, status, code } = entry.failed;
    const now = observer.now();
    if (isBeforeCorrection(since)) return null;
    // It waits for the end of a token. Without one that is worth that, what was lost is asked for after the longest distance.
    const isVoid = entry.failed.kind === 'ambiguous' && !isWorthWaiting(context);
    const kind = isVoid ? 'backoff' : entry.failed.kind;
    const until = isVoid ? Math.min(notBefore, since + policy.retryMaxMs) : notBefore;
    const ms = Math.min(until - now.wallMs, kind === 'ambiguous' ? policy.retryAfterMaxMs : policy.retryMaxMs);
    const failure: Failure = {
      class: failureClasses.find((one) => one === named) ?? 'transient',
      ...(status !== undefined && { status }),
      ...(code !== undefined && { serverCode: code }),
    };
    return { attempt, failure, pause: { since: now, ms, kind } };
  }

  /** How long another tab's mint is left alone by a tab that could not get the lock, or where there is none. */
  function busyForMs(entry: SharedKey | undefined, grant: Grant, forced: boolean): number {
    const { wallMs } = observer.now();
    const { minting, startedAt } = entry ?? {};
    // Insisting buys one mint per floor, in all tabs together (S9). Who waits for a token of its own is not held up by it.
    const floorMs = forced && startedAt !== undefined ? startedAt + policy.mintFloorMs - wallMs : 0;
    const floorLeftMs = floorMs > policy.mintFloorMs ? 0 : Math.max(0, floorMs);
    if (grant.lease || !minting || minting.by === me) return floorLeftMs;
    if (minting.until <= wallMs || isBeforeCorrection(minting.since)) return floorLeftMs;
    return Math.max(floorLeftMs, Math.min(policy.lockWaitMs, minting.since + policy.lockWaitMs - wallMs));
  }

  /**
   * Writes down that this tab mints, unless another one is at it: then for how long that is left alone, in ms. Atomic where the
   * store is ordered: of two tabs without a lock one comes first.
   */
  async function claim(name: string, grant: Grant, forced: boolean): Promise<number> {
    let busyMs = 0;
    const written = await record.updateKey(name, (entry) => {
      busyMs = busyForMs(entry, grant, forced);
      if (busyMs > 0) return entry;
      const { wallMs } = observer.now();
      const recent = (entry.failedAt ?? []).filter((at) => wallMs - at < 60_000 && at <= wallMs);
      return {
        ...entry,
        startedAt: wallMs,
        minting: { by: me, since: wallMs, until: wallMs + policy.requestTimeoutMs },
        failedAt: [...recent, wallMs],
      };
    });
    // Another tab may have been told to wait since the look (S10).
    if (written) tell(written);
    return busyMs;
  }

  /** A store that failed a moment ago is tried again, but nobody waits for it (T4). */
  async function look(): ReturnType<RecordKeeper['read']> {
    const reading = record.read();
    return record.isFailing ? { ok: false } : reading;
  }

  /** What the record says, and what another tab has: one that insists gets a token of its own. */
  async function seek({ key, forced }: TurnInput, slot: Slot, signal: AbortSignal) {
    const found = await look();
    if (signal.aborted) return { outcome: aborted };
    tick();
    if (found.ok && found.value) tell(found.value);
    if (signal.aborted) return { outcome: aborted };
    const name = names.token(key);
    const entry = found.ok ? found.value?.keys?.[name] : undefined;
    const token = forced ? null : await elsewhere.find(slot, found.ok ? entry : 'unknown', signal);
    if (signal.aborted) return { outcome: aborted };
    if (token) return { outcome: { is: 'adopted', token, clock: null } satisfies TurnOutcome };
    return { found, entry, name };
  }

  /** One look: the outcome, or for how long another tab is left alone, in ms. */
  async function weigh(input: TurnInput, slot: Slot, grant: Grant, signal: AbortSignal) {
    const { outcome, found, entry, name } = await seek(input, slot, signal);
    if (outcome) return outcome;
    if (isRotating && isMintingForAnother(input.key)) return lookAgainMs;
    const known = isRotating && found.ok ? found.value : undefined;
    const mark = known && markOf(known, hashName(input.key.sessionId));
    const runsMs = mark ? record.openForMs(mark) : 0;
    // Without a lock nobody knows whether the tab that spent it is still there.
    if (runsMs > 0 && !grant.lease) return runsMs;
    const answerLost = mark !== undefined && isLost(mark);
    if (answerLost && isWorthWaiting(slot.actor.getSnapshot().context))
      return { is: 'refused', failure: { class: 'ambiguous' } } satisfies TurnOutcome;
    // Nor does the lock say so: it may have been stolen from a tab whose request is still open.
    if (answerLost && runsMs > 0 && !isOfTab(mark, me)) return runsMs;

    tick();
    const now = observer.now();
    const { context } = slot.actor.getSnapshot();
    const tries = triesOf(entry, context);
    const failedAt = (entry?.failedAt ?? []).filter((at) => !isBeforeCorrection(at));
    const failedStarts = failedAt.map((at) => instantAt(at, now));
    const granted: TurnOutcome = { is: 'granted', answerLost, tries, failedStarts };
    // Nothing is claimed by a tab that the machine will have wait anyway.
    const willWait = (tries?.pause.ms ?? 0) > 0 || isWindowSpent(context, failedStarts);
    if (willWait || !found.ok) return granted;
    const busyMs = await claim(name, grant, input.forced);
    if (busyMs > 0) return busyMs;
    // While that was written another key of this tab may have been given its turn, and this one is kept from now on.
    if (isRotating && isMintingForAnother(input.key)) return lookAgainMs;
    held.set(keyId(input.key), grant);
    return granted;
  }

  async function take(input: TurnInput, slot: Slot, grant: Grant, signal: AbortSignal): Promise<TurnOutcome> {
    for (;;) {
      const outcome = await weigh(input, slot, grant, signal);
      if (signal.aborted) return aborted;
      if (typeof outcome !== 'number') return outcome;
      await pause(clock, Math.min(outcome, lookAgainMs), signal);
    }
  }

  /** One credential for all keys of a session: the lock keeps them apart, unless it was stolen. */
  const isMintingForAnother = (key: TokenKey): boolean =>
    [...held.keys()].some((id) => id !== keyId(key) && slotOf(id)?.key.sessionId === key.sessionId);

  /** A single-use credential was sent, and nobody knows what became of it (R5.14 to R5.16). */
  const isLost = ({ startedAt }: Mark): boolean =>
    isBeforeCorrection(startedAt) || observer.now().wallMs - startedAt >= credential.reuseGraceMs;

  /** Before it has expired nothing is sent again, unless it is of no use anyway: an API refused it. */
  const isWorthWaiting = (context: TokenContext): boolean =>
    hasUnexpiredToken(context) && !context.rejected.includes(context.held?.fingerprint ?? '');

  const turn: Work['turn'] = async ({ input, signal }) => {
    const id = keyId(input.key);
    const slot = slotOf(id);
    if (!slot) return aborted;
    const grant = await locks.take(names.sessionPrefix(input.key.sessionId), signal);
    if (signal.aborted) {
      grant.release();
      return aborted;
    }
    if (isRotating && !grant.alone.may) {
      // Who may spend nothing can still be given something.
      const { outcome } = await seek(input, slot, signal);
      return outcome ?? refused(grant.alone.why);
    }
    const outcome = await take(input, slot, grant, signal);
    if (outcome.is === 'granted' && !signal.aborted) held.set(id, grant);
    else {
      if (held.get(id) === grant) held.delete(id);
      grant.release();
    }
    tick();
    return outcome;
  };

  /** The mint has ended, and everything about it is written: the next tab's turn. */
  function release(id: string): void {
    const grant = held.get(id);
    if (!grant) return;
    held.delete(id);
    void deps.written().then(grant.release);
  }

  return {
    turn,
    /** The lease of the running mint. */
    lease: (id: string) => held.get(id)?.lease ?? null,
    isWorthWaiting: (id: string): boolean => {
      const slot = slotOf(id);
      return slot !== undefined && isWorthWaiting(slot.actor.getSnapshot().context);
    },
    release,
    /** Signed out: no mint of any key runs any more. */
    releaseAll: (): void => {
      for (const id of [...held.keys()]) release(id);
    },
    stop: (): void => {
      for (const grant of held.values()) grant.release();
      held.clear();
      locks.stop();
    },
  };
}
