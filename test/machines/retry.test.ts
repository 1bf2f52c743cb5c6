/** What a failed try leads to, to the millisecond (§5). */
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../machines/failure';
import type { Pause } from '../../machines/schedule';
import type { TokenContext } from '../../machines/token/context';
import { closeTries, countFailure, notBeforeFloor, putOff } from '../../machines/token/retry';
import { contextOf, facts, sinceStart } from './support';

const transient: Failure = { class: 'transient', status: 503 };

/** A try that started at the start and failed `tookMs` later. */
const failed = (tookMs: number, change: Parameters<typeof contextOf>[0] = {}): TokenContext =>
  contextOf({ lastStart: sinceStart(0), seen: { now: sinceStart(tookMs) }, ...change });

const pauseOf = (
  context: TokenContext,
  failure: Failure | null = transient,
  decays = false,
): Pause | null | undefined => countFailure(context, failure, decays).pause;

describe('without a usable token', () => {
  it('R5.19 the distance runs from start to start', () => {
    expect(pauseOf(failed(500))).toEqual({ since: sinceStart(0), ms: 3_000, kind: 'backoff' });
    expect(pauseOf(failed(500, { failures: 1, failedTries: 1 }))).toMatchObject({ ms: 4_650 });
    expect(pauseOf(failed(500, { failures: 2, failedTries: 2 }))).toMatchObject({ ms: 7_207 });
  });

  it('R5.19 a slow answer still gets half a distance after it', () => {
    expect(pauseOf(failed(1_500))).toMatchObject({ since: sinceStart(0), ms: 3_000 });
    expect(pauseOf(failed(1_600))).toMatchObject({ since: sinceStart(0), ms: 3_100 });
    expect(pauseOf(failed(9_000))).toMatchObject({ since: sinceStart(0), ms: 10_500 });
  });

  it('R5.19 one without an answer gets a whole one, from the moment that it was given up', () => {
    for (const silent of ['timed-out', 'ambiguous'] as const)
      expect(pauseOf(failed(10_000), { class: silent })).toEqual({
        since: sinceStart(10_000),
        ms: 3_000,
        kind: 'backoff',
      });
    expect(pauseOf(contextOf())).toEqual({ since: sinceStart(0), ms: 3_000, kind: 'backoff' });
  });

  it('R5.19 what was tried in the background before counts once it was more than close tries', () => {
    // Served so far, so that no failure counts; seven tries have failed.
    expect(pauseOf(failed(0, { failedTries: closeTries - 1 }))).toMatchObject({ ms: 3_000 });
    expect(pauseOf(failed(0, { failedTries: closeTries }))).toMatchObject({ ms: 4_650 });
    expect(pauseOf(failed(0, { failedTries: closeTries + 1 }))).toMatchObject({ ms: 7_207 });
    expect(pauseOf(failed(0, { failedTries: closeTries + 1, failures: 1 }))).toMatchObject({ ms: 7_207 });
  });

  it('R5.19 not below the floor, however short the policy makes it', () => {
    const policy = { retryInitialMs: 10, retryMaxMs: 50, mintFloorMs: 1_000 };
    expect(pauseOf(failed(0, { policy }))).toMatchObject({ ms: 1_000 });
  });

  it('R5.23 shortened by up to the jitter', () => {
    expect(pauseOf(failed(0, { policy: { jitter: 0.5 }, seen: { now: sinceStart(0), roll: 1 } }))).toMatchObject({
      ms: 1_500,
    });
  });

  it('T12 a refusal decays, from start to start as well', () => {
    expect(pauseOf(failed(500), { class: 'rejected' }, true)).toEqual({
      since: sinceStart(0),
      ms: 3_000,
      kind: 'decay',
    });
    expect(pauseOf(failed(500), { class: 'timed-out' }, true)?.kind).toBe('decay');
  });
});

describe('while the held token serves', () => {
  it('R5.23 a try comes sooner, at half of what is left before the cutoff', () => {
    // 17 s left at the stale point: 12 s before the cutoff.
    const held = facts(53_000);
    expect(pauseOf(failed(0, { held: facts(43_000), failedTries: 2 }))).toMatchObject({ ms: 6_000 });
    expect(pauseOf(failed(0, { held: facts(50_000) }))).toMatchObject({ ms: 2_500 });
    expect(pauseOf(failed(0, { held }))).toMatchObject({ ms: 1_000 });
  });

  it('S9 after close tries they keep their distance', () => {
    const held = facts(53_000);
    expect(pauseOf(failed(0, { held, failedTries: closeTries - 1 }))).toMatchObject({ ms: 1_000 });
    expect(pauseOf(failed(0, { held, failedTries: closeTries }))).toMatchObject({ ms: 4_650 });
    expect(pauseOf(failed(0, { held, failedTries: closeTries + 1 }))).toMatchObject({ ms: 7_207 });
  });

  it('R5.23 a long one is not tried more often than anybody else', () => {
    expect(pauseOf(failed(0, { held: facts(0, 3_600_000), failedTries: 1 }))).toMatchObject({ ms: 4_650 });
  });

  it('T18 only tries that somebody needs count against the budget', () => {
    const counted = (change: Parameters<typeof contextOf>[0]) => {
      const { failures, failedTries } = countFailure(failed(0, { failures: 2, failedTries: 4, ...change }), transient);
      return [failures, failedTries];
    };
    expect(counted({})).toEqual([3, 5]);
    expect(counted({ held: facts() })).toEqual([2, 5]);
    expect(counted({ held: facts(), forcedAfter: 0 })).toEqual([3, 5]);
  });
});

describe('what the server wishes', () => {
  const limited = (retryAfterMs: number): Failure => ({ class: 'rate-limited', status: 429, retryAfterMs });

  it('R5.8 a longer `Retry-After` takes the place of the distance, from the answer on', () => {
    expect(pauseOf(failed(500), limited(2_500))).toEqual({ since: sinceStart(500), ms: 2_500, kind: 'retry-after' });
    expect(pauseOf(failed(500), limited(2_499))).toEqual({
      since: sinceStart(0),
      ms: 3_000,
      kind: 'backoff',
      floorMs: 2_999,
    });
    expect(pauseOf(failed(500), limited(60_000))).toMatchObject({ ms: 60_000, kind: 'retry-after' });
  });

  it('R5.8 one that another key was given is not cut short, nor forgotten where the distance is longer', () => {
    const floor = (ms: number): Pause => ({ since: sinceStart(0), ms, kind: 'retry-after' });
    const next: Pause = { since: sinceStart(0), ms: 3_000, kind: 'backoff' };
    expect(notBeforeFloor(contextOf({ pause: floor(3_001) }), next)).toEqual(floor(3_001));
    expect(notBeforeFloor(contextOf({ pause: floor(3_000) }), next)).toEqual({ ...next, floorMs: 3_000 });
    const wished: Pause = { since: sinceStart(-1_000), ms: 9_000, kind: 'decay', floorMs: 3_000 };
    expect(notBeforeFloor(contextOf({ pause: wished }), next)).toEqual({ ...next, floorMs: 2_000 });
    expect(notBeforeFloor(contextOf({ pause: { ...wished, floorMs: 1_000 } }), next)).toEqual(next);
    expect(notBeforeFloor(contextOf({ pause: { ...floor(9_000), kind: 'backoff' } }), next)).toEqual(next);
    expect(notBeforeFloor(contextOf(), next)).toEqual(next);
    expect(pauseOf(failed(0, { pause: floor(9_000) }))).toEqual(floor(9_000));
  });
});

describe('the window of S9', () => {
  const six = [1, 2, 3, 4, 5, 6].map((second) => sinceStart(second * 1_000));

  it('S9 the seventh failure in a minute waits for the first to leave it', () => {
    const context = contextOf({ failedStarts: six, lastStart: sinceStart(7_000), seen: { now: sinceStart(7_200) } });
    const { failedStarts, pause } = countFailure(context, transient);
    expect(failedStarts).toEqual([...six, sinceStart(7_000)]);
    // The first was at 1 s: free again at 61 s.
    expect(pause).toEqual({ since: sinceStart(7_000), ms: 54_000, kind: 'backoff' });
  });

  it('S9 also where nothing was answered', () => {
    const context = contextOf({ failedStarts: six, lastStart: sinceStart(7_000), seen: { now: sinceStart(17_000) } });
    expect(pauseOf(context, { class: 'timed-out' })).toEqual({
      since: sinceStart(17_000),
      ms: 44_000,
      kind: 'backoff',
    });
  });

  it('S9 a failure without a request adds nothing to it', () => {
    expect(countFailure(contextOf({ failedStarts: six }), transient).failedStarts).toEqual(six);
  });
});

describe('a lost answer to a single-use credential', () => {
  const lost: Failure = { class: 'ambiguous' };

  it('R5.16 nobody sends it again before the held token is over', () => {
    expect(pauseOf(failed(500, { held: facts(20_000.5) }), lost)).toEqual({
      since: sinceStart(500),
      ms: 39_500,
      kind: 'ambiguous',
    });
    expect(pauseOf(failed(500, { held: facts(59_000) }), lost)).toMatchObject({ ms: 3_000, kind: 'ambiguous' });
  });

  it('R5.16 nor when another tab lost it', () => {
    const context = contextOf({ held: facts(20_000), failedTries: 1 });
    expect(putOff(context, lost)).toEqual({
      error: lost,
      failedTries: 2,
      failures: 0,
      answerLost: true,
      pause: { since: sinceStart(0), ms: 40_000, kind: 'ambiguous' },
    });
    expect(putOff(contextOf(), lost)).toMatchObject({ answerLost: true, pause: { ms: 3_000, kind: 'ambiguous' } });
  });
});

describe('no turn', () => {
  it('R10.3 is put off like a failed try, and counts where somebody needs it', () => {
    expect(putOff(contextOf({ failures: 1, failedTries: 1 }), transient)).toEqual({
      error: transient,
      failedTries: 2,
      failures: 2,
      answerLost: false,
      pause: { since: sinceStart(0), ms: 4_650, kind: 'backoff' },
    });
    expect(putOff(contextOf({ held: facts(), failures: 1 }), transient)).toMatchObject({ failures: 1 });
    expect(putOff(contextOf({ answerLost: true }), transient)).toMatchObject({ answerLost: true });
    expect(putOff(contextOf({ held: facts(20_000) }), transient).pause).toMatchObject({ ms: 3_000, kind: 'backoff' });
  });

  it('R5.8 and not before a `Retry-After` is over', () => {
    const pause: Pause = { since: sinceStart(0), ms: 9_000, kind: 'retry-after' };
    expect(putOff(contextOf({ pause }), transient).pause).toEqual(pause);
  });
});

it('T8 an answer that is no better is a failed try without an error', () => {
  const before: Failure = { class: 'transient', status: 500 };
  expect('error' in countFailure(failed(0, { error: before }), null)).toBe(false);
  expect(countFailure(failed(0), transient).error).toEqual(transient);
  expect(pauseOf(failed(0), null)).toMatchObject({ ms: 3_000, kind: 'backoff' });
});
