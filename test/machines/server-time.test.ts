/** The estimate of the server's time at its edges, to the millisecond (§9). */
import { describe, expect, it } from 'vitest';
import {
  adoptOffset,
  adoptRecorded,
  contradictsProof,
  isUntaught,
  learnFromMint,
  localClock,
  type MintSample,
  type ServerClock,
  serverNowMs,
  sharedClock,
} from '../../machines/server-time';
import type { Instant } from '../../machines/time';

const base = Date.UTC(2026, 0, 1);
const tripMs = 100;

const at = (ms: number): Instant => ({ wallMs: base + ms, monotonicMs: ms });

/** Received at `ms`, `tripMs` after it was sent; `iat` and `date` in ms as well, or absent. */
const sample = (ms: number, { iat, date }: { iat?: number; date?: number } = {}): MintSample => ({
  issuedAt: iat === undefined ? null : base + iat,
  serverDate: date === undefined ? null : base + date,
  sentAt: at(ms - tripMs),
  receivedAt: at(ms),
});

const learn = (samples: readonly MintSample[], from: ServerClock = localClock): ServerClock =>
  samples.reduce(learnFromMint, from);

/** Proven at `ms`: the server's clock says the same as ours. */
const proven = (ms: number, serverMs = ms): ServerClock => ({
  ...localClock,
  proof: { serverMs: base + serverMs, at: at(ms), trusted: true },
});

describe('before anything is learned', () => {
  it('R9.12 only who knows nothing at all is untaught', () => {
    const nothing = { proof: null, lastSample: null, overtaken: null, toldWith: null };
    expect(localClock).toStrictEqual({ offsetMs: 0, evidence: 'local', ...nothing });
    expect(isUntaught(localClock)).toBe(true);
    // Somebody set the wall clock back under it: it knows better than the wall.
    expect(isUntaught({ ...localClock, offsetMs: 5_000 })).toBe(false);
    expect(isUntaught({ ...localClock, evidence: 'date' })).toBe(false);
    expect(isUntaught({ ...localClock, evidence: 'proof', offsetMs: 700 })).toBe(false);
  });

  it('R9.11 what the browser learned before counts up to 24 h either way; nothing learned is nothing known', () => {
    const day = 86_400_000;
    for (const offsetMs of [700, -700, day, -day])
      expect(sharedClock(offsetMs)).toStrictEqual({ ...localClock, offsetMs, evidence: 'shared' });
    for (const offsetMs of [day + 1, -day - 1, Number.NaN, Number.POSITIVE_INFINITY, undefined, 0])
      expect(sharedClock(offsetMs)).toStrictEqual(localClock);
  });
});

describe('what is on record', () => {
  const told = sharedClock(-30_000, base);

  it('R9.12 S4 of before what another tab said since changes nothing', () => {
    expect(adoptRecorded(told, sharedClock(-140_000, base - 1), at(1_000))).toBe(told);
  });

  it('R9.12 counts otherwise: with a token as late, or where nobody knows of which token it is', () => {
    for (const recorded of [sharedClock(700, base), sharedClock(700, base + 5_000), sharedClock(700)])
      expect(adoptRecorded(told, recorded, at(6_000))).toStrictEqual(recorded);
    expect(adoptRecorded(sharedClock(700), told, at(6_000))).toStrictEqual(told);
    expect(adoptRecorded(localClock, told, at(6_000))).toStrictEqual(told);
  });

  it('R9.12 counts for nothing where this tab has proven otherwise, however late it is', () => {
    const clock = learn([sample(5_000, { iat: 5_700 })], sharedClock(700, base));
    expect(adoptRecorded(clock, sharedClock(-30_000, base + 60_000), at(6_000))).toBe(clock);
  });

  it('R9.12 is no reason not to hear what another tab says now, with whatever token', () => {
    const said = sharedClock(700, base - 60_000);
    expect(adoptOffset(told, said, at(1_000))).toStrictEqual(said);
  });
});

describe('an `iat`', () => {
  it('R9.3 of this very instant is no sign of a clock that is behind', () => {
    const clock = learn([sample(5_000, { iat: 5_000 })]);
    expect(clock).toMatchObject({ offsetMs: 0, evidence: 'local', proof: { serverMs: base + 5_000, trusted: true } });
  });

  it('R9.3 R9.12 of this very instant makes a proof of what another tab said, which no other word overrides', () => {
    const clock = learn([sample(5_000, { iat: 5_700 })], sharedClock(700));
    expect(clock).toMatchObject({ offsetMs: 700, evidence: 'proof', proof: { serverMs: base + 5_700, trusted: true } });
    expect(adoptOffset(clock, sharedClock(60_000), at(6_000))).toBe(clock);
    // One that looks old makes none.
    expect(learn([sample(5_000, { iat: -95_000 })], sharedClock(700))).toMatchObject({ evidence: 'shared' });
  });

  it('R9.3 proves something while it may come from a right clock: cut to the second, and two seconds and the trip old', () => {
    expect(learn([sample(5_000, { iat: 5_000 - 2_000 - tripMs })]).proof?.trusted).toBe(true);
    expect(learn([sample(5_000, { iat: 5_000 - 2_001 - tripMs })]).proof?.trusted).toBe(false);
  });

  it('R9.3 S4 that looks old tells at least how early it can be, whatever another tab says later', () => {
    const told = adoptOffset(learn([sample(5_000, { iat: -95_000 })]), sharedClock(-140_000), at(6_000));
    expect(told).toMatchObject({ offsetMs: -100_000, evidence: 'shared' });
    // It is no proof that what another tab learned would have to bow to.
    expect(adoptOffset(told, sharedClock(-30_000), at(7_000)).offsetMs).toBe(-30_000);
  });

  it('R9.3 of two that look old the one that says more stays; neither takes the place of a proof', () => {
    const early = sample(1_000, { iat: -95_000 });
    expect(learn([early, sample(4_000, { iat: -94_500 })]).proof?.serverMs).toBe(base - 95_000);
    expect(learn([early, sample(4_000, { iat: -85_000 })]).proof?.serverMs).toBe(base - 85_000);
    expect(learn([sample(4_000, { iat: -85_000 })], proven(0, -90_000)).proof).toMatchObject({ trusted: true });
  });

  it('R9.7 two from the future are in step up to a second and both round trips', () => {
    const slackMs = 1_000 + 2 * tripMs;
    const second = (iat: number) => learn([sample(1_000, { iat: 61_000 }), sample(11_000, { iat })]).proof?.trusted;
    expect(second(71_000 + slackMs)).toBe(true);
    expect(second(71_000 + slackMs + 1)).toBe(false);
  });

  it('R9.7 one alone from the future is not trusted, nor is one after an opaque token', () => {
    expect(learn([sample(1_000, { iat: 61_000 })]).proof?.trusted).toBe(false);
    expect(learn([sample(500), sample(1_000, { iat: 61_000 })]).proof?.trusted).toBe(false);
  });

  it('R9.8 contradicts a proof beyond two seconds and the trip; an opaque token contradicts nothing', () => {
    const clock = proven(0);
    const oldest = 60_000 - 2_000 - tripMs;
    expect(contradictsProof(clock, sample(60_000, { iat: oldest }))).toBe(false);
    expect(contradictsProof(clock, sample(60_000, { iat: oldest - 1 }))).toBe(true);
    expect(contradictsProof(clock, sample(60_000))).toBe(false);
    expect(contradictsProof(localClock, sample(60_000, { iat: 0 }))).toBe(false);
  });
});

describe('a `Date`', () => {
  it('R9.2 is believed, and leaves an estimate as it is that it agrees with, up to the end of its second and the trip', () => {
    const shared = sharedClock(700);
    // Ours says 5 700 for the server.
    for (const date of [5_700, 5_700 - 500, 5_700 - 1_000 - tripMs])
      expect(learn([sample(5_000, { date })], shared)).toMatchObject({ offsetMs: 700, evidence: 'date' });
    expect(learn([sample(5_000, { date: 5_701 })], shared).offsetMs).toBe(1_701);
    expect(learn([sample(5_000, { date: 4_599 })], shared).offsetMs).toBe(599);
  });

  it('R9.2 proves its own second', () => {
    const clock = learn([sample(5_000, { date: 4_500 })]);
    expect(clock.proof).toEqual({ serverMs: base + 4_500, at: at(5_000), trusted: true });
    expect(serverNowMs(clock, at(6_000))).toBe(base + 6_000);
  });

  /** One that lies ten seconds back, beside an `iat` of the age given. */
  const behind = (ageMs: number) => learn([sample(50_000, { date: 40_000, iat: 50_000 - ageMs })]).evidence;

  it('R9.2 is odd beside an `iat` that agrees with us and that it could not have given', () => {
    for (const ageMs of [0, 1_000, 2_000 + tripMs]) expect(behind(ageMs)).toBe('local');
  });

  it('R9.2 is not odd beside an `iat` that does not agree with us either', () => {
    for (const ageMs of [-1, 2_001 + tripMs]) expect(behind(ageMs)).toBe('date');
  });

  it('R9.2 is not odd if it may still have given the `iat`, to the millisecond', () => {
    const latest = 40_000 + 1_000 + tripMs;
    const receivedAt = latest + 1_001;
    const evidence = (iat: number) => learn([sample(receivedAt, { date: 40_000, iat })]).evidence;
    expect(evidence(latest)).toBe('date');
    expect(evidence(latest + 1)).toBe('local');
  });

  it('R9.2 is not odd within a second of what we believe, whatever the `iat` says', () => {
    const latest = 40_000 + 1_000 + tripMs;
    const evidence = (receivedAt: number) => learn([sample(receivedAt, { date: 40_000, iat: latest + 1 })]).evidence;
    expect(evidence(latest + 1_000)).toBe('date');
    expect(evidence(latest + 1_001)).toBe('local');
  });

  it('R9.2 is odd where it lies more than a second below what is proven, with no `iat` to help', () => {
    const latest = 40_000 + 1_000 + tripMs;
    const evidence = (provenMs: number) => learn([sample(90_000, { date: 40_000 })], proven(90_000, provenMs)).evidence;
    expect(evidence(latest + 1_000)).toBe('date');
    expect(evidence(latest + 1_001)).toBe('local');
  });
});
