/** Questions about a key, at their edges: what may start, when, and what a late timer means. */
import { describe, expect, it } from 'vitest';
import { keyId } from '../../machines/key';
import type { Pause } from '../../machines/schedule';
import { localClock, type ServerClock } from '../../machines/server-time';
import type { TokenContext } from '../../machines/token/context';
import * as laws from '../../machines/token/laws';
import { contextOf, facts, sinceStart, startMs } from './support';

const pause = (ms: number, kind: Pause['kind'] = 'backoff'): Pause => ({ since: sinceStart(0), ms, kind });
const at = (ms: number) => ({ now: sinceStart(ms) });

describe('what readers are told and get', () => {
  it('R4.3 R7.10 a token serves while it is usable and no API has refused it', () => {
    const held = facts(0);
    expect(laws.isServable(contextOf({ held }))).toBe(true);
    expect(laws.isServable(contextOf({ held, seen: at(54_999) }))).toBe(true);
    expect(laws.isServable(contextOf({ held, seen: at(55_000) }))).toBe(false);
    expect(laws.isServable(contextOf({ held, rejected: [held.fingerprint] }))).toBe(false);
    expect(laws.isServable(contextOf({ held, rejected: ['another'] }))).toBe(true);
    expect(laws.isServable(contextOf())).toBe(false);
  });

  it('R4.9 unexpired to the millisecond', () => {
    const held = facts(0);
    expect(laws.hasUnexpiredToken(contextOf({ held, seen: at(59_999) }))).toBe(true);
    expect(laws.hasUnexpiredToken(contextOf({ held, seen: at(60_000) }))).toBe(false);
    expect(laws.hasUnexpiredToken(contextOf())).toBe(false);
    expect(laws.hasFreshToken(contextOf())).toBe(false);
    expect(laws.hasUsableToken(contextOf())).toBe(false);
  });

  it('T25 only a pause that the server asked for refuses who insists, and only while it lasts', () => {
    for (const [kind, refused] of [
      ['retry-after', true],
      ['decay', true],
      ['backoff', false],
      ['ambiguous', false],
    ] as const) {
      expect(laws.isRefused(contextOf({ pause: pause(3_000, kind), seen: at(2_999) }))).toBe(refused);
      expect(laws.isRefused(contextOf({ pause: pause(3_000, kind), seen: at(3_000) }))).toBe(false);
    }
    expect(laws.isRefused(contextOf())).toBe(false);
  });

  it('R4.7 with nothing known of the failure, its class follows from the pause', () => {
    expect(laws.lastFailure(contextOf({ pause: pause(1, 'retry-after') }))).toEqual({ class: 'rate-limited' });
    expect(laws.lastFailure(contextOf({ pause: pause(1) }))).toEqual({ class: 'transient' });
    expect(laws.lastFailure(contextOf())).toEqual({ class: 'transient' });
    expect(laws.lastFailure(contextOf({ error: { class: 'offline' } }))).toEqual({ class: 'offline' });
  });

  it('T18 the budget is spent by the ninth failure', () => {
    expect(laws.isBudgetSpent(contextOf({ failures: 8 }))).toBe(false);
    expect(laws.isBudgetSpent(contextOf({ failures: 9 }))).toBe(true);
  });

  it('R5.17 why a session is over', () => {
    const reason = (change: Partial<TokenContext>, confirmed = false) =>
      laws.goneReason(contextOf(change as never), confirmed);
    const refused = { class: 'unauthenticated', serverCode: 'invalid_grant' } as const;
    expect(reason({ answerLost: true, error: refused }, true)).toBe('lost_response');
    expect(reason({ answerLost: false, error: refused })).toBe('credential_refused');
    expect(reason({ answerLost: false, error: refused }, true)).toBe('session_gone');
    expect(reason({ answerLost: true, error: { class: 'unauthenticated', status: 401 } })).toBe('credential_refused');
    expect(reason({ answerLost: true, error: null }, true)).toBe('session_gone');
  });
});

describe('a refresh that nobody asked for', () => {
  const due = (change: Parameters<typeof contextOf>[0]) => laws.isProactiveRefreshDue(contextOf(change));

  it('T6 for the active key, and for one that was read since its last mint', () => {
    expect(due({ active: true })).toBe(true);
    expect(due({ active: false })).toBe(false);
    expect(due({ active: false, readSinceMint: true })).toBe(true);
  });

  it('T6 not inside a pause', () => {
    expect(due({ pause: pause(3_000), seen: at(2_999) })).toBe(false);
    expect(due({ pause: pause(3_000), seen: at(3_000) })).toBe(true);
  });

  it('T12 after a refusal one try per `retryMaxMs` is enough', () => {
    const decay = pause(3_000, 'decay');
    expect(due({ pause: decay, seen: at(49_999) })).toBe(false);
    expect(due({ pause: decay, seen: at(50_000) })).toBe(true);
    expect(due({ pause: pause(60_000, 'decay'), seen: at(59_999) })).toBe(false);
    // Whoever reads does not wait that long.
    expect(laws.isReadRefreshDue(contextOf({ pause: decay, wanted: true, seen: at(3_000) }))).toBe(true);
    expect(laws.isReadRefreshDue(contextOf({ pause: decay, wanted: true, seen: at(2_999) }))).toBe(false);
    expect(laws.isReadRefreshDue(contextOf())).toBe(false);
  });

  it('R10.9 not on a page that has been hidden for half an hour', () => {
    const hidden = { presence: 'hidden', hiddenSince: sinceStart(0) } as const;
    expect(due({ seen: { ...hidden, ...at(1_799_999) } })).toBe(true);
    expect(due({ seen: { ...hidden, ...at(1_800_000) } })).toBe(false);
    expect(due({ seen: { ...hidden, hiddenSince: null, ...at(1_800_000) } })).toBe(true);
    expect(due({ seen: { ...hidden, presence: 'visible', ...at(1_800_000) } })).toBe(true);
  });
});

describe('a timer that fires late', () => {
  /** Stale at 43 s after the start, over at 60 s. */
  const held = facts(0);
  const staleMs = 43_000;

  it('R9.20 more than 5 s past the stale point, the machine must have slept', () => {
    expect(laws.isLate(contextOf({ held, seen: at(staleMs + 5_000) }))).toBe(false);
    expect(laws.isLate(contextOf({ held, seen: at(staleMs + 5_001) }))).toBe(true);
    expect(laws.isLate(contextOf({ seen: at(staleMs + 5_001) }))).toBe(false);
  });

  it('R9.20 a pause that is over only now explains the delay', () => {
    const late = (ms: number) => laws.isLate(contextOf({ held, pause: pause(60_000), seen: at(ms) }));
    expect(late(65_000)).toBe(false);
    expect(late(65_001)).toBe(true);
    const decayed = (ms: number) => laws.isLate(contextOf({ held, pause: pause(3_000, 'decay'), seen: at(ms) }));
    expect(decayed(55_000)).toBe(false);
    expect(decayed(55_001)).toBe(true);
  });

  it('R9.21 in a context that nobody looks at it is left to the next read or wake', () => {
    const left = (change: Parameters<typeof contextOf>[0]) =>
      laws.isLateAndUnattended(
        contextOf({ held, ...change, seen: { presence: 'hidden', ...at(70_000), ...change?.seen } }),
      );
    expect(left({})).toBe(true);
    expect(left({ seen: { presence: 'headless' } })).toBe(true);
    expect(left({ seen: { presence: 'visible' } })).toBe(false);
    expect(left({ seen: { presence: 'focused' } })).toBe(false);
    expect(left({ wanted: true })).toBe(false);
    expect(left({ forcedAfter: 0 })).toBe(false);
    // Still unexpired: it is not that late.
    expect(left({ seen: at(59_999) })).toBe(false);
    expect(left({ pause: pause(65_000) })).toBe(false);
    expect(left({ pause: pause(64_999) })).toBe(true);
    // Nothing is held, so nothing is late.
    expect(left({ held: null })).toBe(false);
    expect(laws.isProactiveRefreshDue(contextOf({ held, seen: { presence: 'hidden', ...at(70_000) } }))).toBe(false);
  });
});

describe('when the next mint may start', () => {
  const left = (change: Parameters<typeof contextOf>[0]) => laws.spacingLeftMs(contextOf(change));

  it('T24 the floor after the mint before', () => {
    expect(left({})).toBe(0);
    expect(left({ lastStart: sinceStart(0), seen: at(400) })).toBe(600);
    expect(left({ lastStart: sinceStart(0), seen: at(1_000) })).toBe(0);
    expect(laws.isSpaced(contextOf({ lastStart: sinceStart(0), seen: at(999) }))).toBe(false);
    expect(laws.isSpaced(contextOf({ lastStart: sinceStart(0), seen: at(1_000) }))).toBe(true);
  });

  it('R9.8 one that is asked for once more comes a second after the first, whatever the floor', () => {
    const policy = { mintFloorMs: 100 };
    expect(left({ policy, lastStart: sinceStart(0), seen: at(400) })).toBe(0);
    expect(left({ policy, lastStart: sinceStart(0), askedAgain: true, seen: at(400) })).toBe(600);
    expect(left({ policy: { mintFloorMs: 2_000 }, lastStart: sinceStart(0), askedAgain: true, seen: at(400) })).toBe(
      1_600,
    );
  });

  it('S9 the window, except for one that is asked for once more', () => {
    const failedStarts = [1, 2, 3, 4, 5, 6, 7].map((second) => sinceStart(second * 1_000));
    expect(left({ failedStarts, seen: at(10_000) })).toBe(51_000);
    expect(left({ failedStarts, askedAgain: true, seen: at(10_000) })).toBe(0);
    const windowSpent = (change: Parameters<typeof contextOf>[0], shared: typeof failedStarts) =>
      laws.isWindowSpent(contextOf({ ...change, seen: at(10_000) }), shared);
    expect(windowSpent({}, failedStarts)).toBe(true);
    expect(windowSpent({ failedStarts: failedStarts.slice(0, 3) }, failedStarts.slice(3))).toBe(true);
    expect(windowSpent({ failedStarts: failedStarts.slice(0, 3) }, failedStarts.slice(0, 4))).toBe(false);
    expect(windowSpent({ askedAgain: true }, failedStarts)).toBe(false);
  });

  it('T20 R5.8 the spread of a crowd, and a `Retry-After`; a mere backoff is none of its business', () => {
    expect(left({ spread: pause(250), seen: at(100) })).toBe(150);
    expect(left({ pause: pause(250, 'retry-after'), seen: at(100) })).toBe(150);
    expect(left({ pause: pause(250), seen: at(100) })).toBe(0);
    expect(left({ spread: pause(250), pause: pause(700, 'retry-after'), lastStart: sinceStart(0), seen: at(0) })).toBe(
      1_000,
    );
  });
});

describe('a mint that takes long', () => {
  const running = (change: Parameters<typeof contextOf>[0]) => contextOf({ lastStart: sinceStart(0), ...change });

  it('R5.5 has had its time at 10 s, unless its answer is here', () => {
    expect(laws.isOverdue(running({ seen: at(9_999) }))).toBe(false);
    expect(laws.isOverdue(running({ seen: at(10_000) }))).toBe(true);
    const answered = (id: string) => laws.isOverdue(running({ seen: { ...at(10_000), answered: id } }));
    expect(answered(keyId({ sessionId: 'sess_1' }))).toBe(false);
    expect(answered(keyId({ sessionId: 'sess_1', template: 'api' }))).toBe(true);
    expect(laws.isOverdue(contextOf({ seen: at(10_000) }))).toBe(false);
  });

  it('R5.6 was slept through if the timer came a second late', () => {
    expect(laws.wasSuspended(running({ seen: at(11_000) }))).toBe(false);
    expect(laws.wasSuspended(running({ seen: at(11_001) }))).toBe(true);
    expect(laws.wasSuspended(contextOf({ seen: at(11_001) }))).toBe(false);
  });

  it('R5.6 or if the wall clock ran on by half a second without the other', () => {
    const slept = (wallMs: number, monotonicMs: number) =>
      laws.wasSuspended(running({ seen: { now: { wallMs: startMs + wallMs, monotonicMs } } }));
    expect(slept(10_000, 9_500)).toBe(false);
    expect(slept(10_000, 9_499)).toBe(true);
    expect(slept(9_499, 10_000)).toBe(false);
    // The monotonic clock does not start at 0.
    expect(laws.wasSuspended(contextOf({ lastStart: sinceStart(60_000), seen: at(61_000) }))).toBe(false);
    const later = { wallMs: startMs + 62_000, monotonicMs: 61_000 };
    expect(laws.wasSuspended(contextOf({ lastStart: sinceStart(60_000), seen: { now: later } }))).toBe(true);
  });

  it('R5.15 may be repeated inside the grace of the server, once, and online', () => {
    const credential = { kind: 'rotating', reuseGraceMs: 12_000 } as const;
    const within = (change: Parameters<typeof contextOf>[0]) =>
      laws.isWithinReuseGrace(running({ credential, ...change }));
    expect(within({ seen: at(11_999) })).toBe(true);
    expect(within({ seen: at(12_000) })).toBe(false);
    expect(within({ seen: { ...at(1), online: false } })).toBe(false);
    expect(within({ seen: at(1), answerLost: true })).toBe(false);
  });
});

describe('the last token in a request', () => {
  const held = facts(100_000);
  const presents = (change: Parameters<typeof contextOf>[0]) => laws.presentsFromStart(contextOf({ held, ...change }));

  it('T16 R6.3 from the start in an outage, and where the policy says so; every fourth goes the normal way', () => {
    expect(presents({})).toBe(false);
    expect(presents({ policy: { presentHeldToken: 'always' } })).toBe(true);
    expect(presents({ policy: { presentHeldToken: 'always' }, held: null })).toBe(false);
    const marked = [0, 1, 2, 3, 4, 6, 7].map((refreshes) => presents({ outage: { marked: true, refreshes } }));
    expect(marked).toEqual([true, true, true, false, true, true, false]);
    expect(presents({ outage: { marked: false, refreshes: 0 } })).toBe(false);
    expect(presents({ outage: { marked: true, refreshes: 0 }, held: null })).toBe(false);
  });

  it('T11 only one that there is, and that was not in the request', () => {
    expect(laws.canPresent(contextOf({ held }))).toBe(true);
    expect(laws.canPresent(contextOf({ held, presenting: true }))).toBe(false);
    expect(laws.canPresent(contextOf())).toBe(false);
  });
});

describe('a token of another tab', () => {
  const takes = (context: TokenContext, token = facts(0), clock: ServerClock | null = null) =>
    laws.takesFromPeer(context, token, clock);

  it('T23 is taken where it is fresher; a tie changes nothing', () => {
    expect(takes(contextOf())).toBe(true);
    expect(takes(contextOf({ held: facts(1_000) }))).toBe(true);
    expect(takes(contextOf({ held: facts(0) }))).toBe(false);
    expect(takes(contextOf({ held: facts(0) }), facts(1_000))).toBe(false);
    const held = facts(0);
    expect(takes(contextOf({ held, rejected: [held.fingerprint] }), { ...facts(0) })).toBe(true);
    expect(takes(contextOf({ held, rejected: [held.fingerprint] }), held)).toBe(false);
  });

  it('T23 R7.2 not if it is hardly good any more, or for somebody else', () => {
    expect(takes(contextOf(), facts(54_999))).toBe(true);
    expect(takes(contextOf(), facts(55_000))).toBe(false);
    expect(takes(contextOf(), facts(0, 60_000, { sessionId: 'sess_2' }))).toBe(false);
  });

  it('R9.12 is judged by the time of the other tab where this one knows nothing', () => {
    const behind: ServerClock = { ...localClock, offsetMs: -58_000, evidence: 'date' };
    expect(takes(contextOf(), facts(58_000))).toBe(false);
    expect(takes(contextOf(), facts(58_000), behind)).toBe(true);
    const taught: ServerClock = { ...localClock, evidence: 'date' };
    expect(takes(contextOf({ clock: taught }), facts(58_000), behind)).toBe(false);
    // The same token is no news, whatever the time over there.
    const held = facts(58_000);
    expect(takes(contextOf({ held }), held, behind)).toBe(false);
    const { seen } = contextOf();
    expect(laws.believedClock({ clock: localClock, seen }, null)).toBe(localClock);
    expect(laws.believedClock({ clock: localClock, seen }, behind)).toEqual(behind);
    expect(laws.believedClock({ clock: taught, seen }, behind)).toBe(taught);
  });

  it('T23 the own mint is not given up where a credential is spent on it, or somebody forced it', () => {
    expect(laws.isBoundToMint(contextOf())).toBe(false);
    expect(laws.isBoundToMint(contextOf({ forcedAfter: 0 }))).toBe(true);
    expect(laws.isBoundToMint(contextOf({ credential: { kind: 'rotating', reuseGraceMs: 0 } }))).toBe(true);
    expect(laws.isBoundToMint(contextOf({ credential: { kind: 'reusable', reuseGraceMs: 0 } }))).toBe(false);
  });

  it('R5.28 its failure holds this one off until its pause is over', () => {
    const tries = { attempt: 1, failure: { class: 'transient' }, pause: pause(3_000) } as const;
    expect(laws.isHeldOff(contextOf({ seen: at(2_999) }), tries)).toBe(true);
    expect(laws.isHeldOff(contextOf({ seen: at(3_000) }), tries)).toBe(false);
  });
});

describe('timers', () => {
  const { delaysMs } = laws;
  const forEver = 2 ** 31 - 1;

  it('T5 T30 to the stale point, the cutoff and the end; none where nothing is held', () => {
    const context = contextOf({ held: facts(0), seen: at(1_000) });
    expect(delaysMs.untilStale(context)).toBe(42_000);
    expect(delaysMs.untilExpiring(context)).toBe(54_000);
    expect(delaysMs.untilExpired(context)).toBe(59_000);
    const nothing = contextOf();
    expect([delaysMs.untilStale(nothing), delaysMs.untilExpiring(nothing), delaysMs.untilExpired(nothing)]).toEqual([
      0, 0, 0,
    ]);
  });

  it('R9.16 none is longer than a timer can be', () => {
    const month = contextOf({ held: facts(0, 30 * 86_400_000) });
    for (const delay of [delaysMs.untilStale, delaysMs.untilExpiring, delaysMs.untilExpired])
      expect(delay(month)).toBe(forEver);
    expect(delaysMs.untilPauseEnds(contextOf({ pause: pause(forEver + 1) }))).toBe(forEver);
  });

  it('R5.5 S9 to the end of the request, of the floor and of the pause', () => {
    const context = contextOf({ lastStart: sinceStart(0), pause: pause(3_000), seen: at(400) });
    expect(delaysMs.untilOverdue(context)).toBe(9_600);
    expect(delaysMs.untilSpaced(context)).toBe(600);
    expect(delaysMs.untilPauseEnds(context)).toBe(2_600);
  });

  it('T6 T12 to the next try that may be, for ever where only a read or a wake may', () => {
    expect(delaysMs.untilNextTry(contextOf())).toBe(forEver);
    expect(delaysMs.untilNextTry(contextOf({ pause: pause(3_000), seen: at(3_000) }))).toBe(forEver);
    expect(delaysMs.untilNextTry(contextOf({ pause: pause(3_000), seen: at(2_999) }))).toBe(1);
    const decay = { pause: pause(3_000, 'decay'), seen: at(1_000) };
    expect(delaysMs.untilNextTry(contextOf(decay))).toBe(49_000);
    expect(delaysMs.untilNextTry(contextOf({ ...decay, wanted: true }))).toBe(2_000);
  });

  it('T18 to the next probe at the longest distance, or after a longer `Retry-After`', () => {
    expect(delaysMs.untilProbe(contextOf())).toBe(50_000);
    expect(delaysMs.untilProbe(contextOf({ pause: pause(60_000), seen: at(1_000) }))).toBe(59_000);
    expect(delaysMs.untilProbe(contextOf({ pause: pause(9_000) }))).toBe(50_000);
  });

  it('T21 T22 to the next look at the network', () => {
    const looks = [0, 1, 2].map((offlineChecks) => delaysMs.untilOfflineCheck(contextOf({ offlineChecks })));
    expect(looks).toEqual([3_000, 4_650, 7_207]);
    expect(delaysMs.untilLookAgain(contextOf())).toBe(50_000);
  });
});
