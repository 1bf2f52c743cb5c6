/** What each thing that happens changes in what a key remembers, and what it leaves alone. */
import { describe, expect, it } from 'vitest';
import type { MintedToken } from '../../machines/acceptance';
import type { Failure } from '../../machines/failure';
import type { Pause } from '../../machines/schedule';
import { localClock, type ServerClock } from '../../machines/server-time';
import * as updates from '../../machines/token/updates';
import { contextOf, facts, sinceStart, startMs } from './support';

const at = (ms: number) => ({ now: sinceStart(ms) });
const pause = (ms: number, kind: Pause['kind'] = 'backoff'): Pause => ({ since: sinceStart(0), ms, kind });
const transient: Failure = { class: 'transient', status: 503 };

/** What a mint brought at the start, issued `ageMs` before. */
const minted = (ageMs = 0, more: Partial<MintedToken> = {}): MintedToken => {
  const { from: _, ...token } = facts(ageMs);
  return { ...token, expiresInMs: null, serverDate: null, sentAt: sinceStart(0), receivedAt: sinceStart(0), ...more };
};

/** All that failures can leave behind. */
const troubled = {
  failedStarts: [sinceStart(0)],
  failedTries: 3,
  failures: 2,
  error: transient,
  pause: pause(9_000),
  spread: pause(100),
  askedAgain: true,
  answerLost: true,
  offlineChecks: 2,
  readSinceMint: true,
  wanted: true,
};
const untroubled = {
  failedStarts: [],
  failedTries: 0,
  failures: 0,
  error: null,
  pause: null,
  spread: null,
  askedAgain: false,
  answerLost: false,
  offlineChecks: 0,
  readSinceMint: false,
  wanted: false,
};

describe('a look', () => {
  it('R9.14 a wall clock that was set back moves what is told on it, and not the waits', () => {
    const seen = { ...contextOf().seen, now: { wallMs: startMs - 57_000, monotonicMs: 3_000 } };
    const change = updates.look(contextOf({ pause: pause(9_000), check: pause(5_000) }), seen);
    const since = { wallMs: startMs - 60_000, monotonicMs: 0 };
    expect(change).toMatchObject({
      seen,
      clock: { offsetMs: 60_000 },
      pause: { since, ms: 9_000 },
      check: { since, ms: 5_000 },
    });
    expect(updates.look(contextOf(), seen)).toMatchObject({ pause: null, check: null });
  });

  it('R9.14 time that passes as it should changes nothing else', () => {
    const seen = { ...contextOf().seen, now: sinceStart(3_000) };
    expect(updates.look(contextOf({ pause: pause(9_000) }), seen)).toStrictEqual({ seen });
  });
});

describe('what failed', () => {
  const wantsLast: Failure = { class: 'expired-token-required', status: 422 };

  it('R5.9 the server wants a last token that there is not, or had it: a refusal like any other', () => {
    const outcome = { is: 'failed', failure: wantsLast } as const;
    expect(updates.failureOf(contextOf({ held: facts() }), outcome)).toEqual(wantsLast);
    expect(updates.failureOf(contextOf(), outcome)).toEqual({ class: 'rejected', status: 422 });
    expect(updates.failureOf(contextOf({ held: facts(), presenting: true }), outcome)).toMatchObject({
      class: 'rejected',
    });
    expect(updates.failureOf(contextOf(), { is: 'failed', failure: transient })).toEqual(transient);
  });

  it('R5.10 a token that the rules refuse', () => {
    const wrong = { is: 'minted', token: minted(0, { sessionId: 'sess_2' }) } as const;
    expect(updates.failureOf(contextOf(), wrong)).toEqual({ class: 'invalid', reason: 'other_session' });
    expect(updates.failureOf(contextOf(), { is: 'minted', token: minted() })).toBeNull();
    expect(updates.failureIn(contextOf(), wrong)).toMatchObject({ class: 'invalid' });
    expect(updates.failureIn(contextOf(), { is: 'minted', token: minted() })).toEqual({ class: 'transient' });
  });

  it('R5.5 R5.14 no answer in time: by the network, and by what was sent', () => {
    expect(updates.overdueFailure(contextOf())).toEqual({ class: 'timed-out' });
    expect(updates.overdueFailure(contextOf({ seen: { online: false } }))).toEqual({ class: 'offline' });
    const credential = { kind: 'rotating', reuseGraceMs: 0 } as const;
    expect(updates.overdueFailure(contextOf({ credential, seen: { online: false } }))).toEqual({ class: 'ambiguous' });
  });
});

describe('a mint starts', () => {
  it('T16 counted, and in an outage as one more refresh', () => {
    const outage = { marked: true, refreshes: 1 };
    expect(
      updates.startMint(contextOf({ mints: 4, outage, held: facts(), spread: pause(9), seen: at(7) })),
    ).toStrictEqual({
      mints: 5,
      lastStart: sinceStart(7),
      presenting: true,
      spread: null,
      outage: { marked: true, refreshes: 2 },
    });
    expect(updates.startMint(contextOf())).toMatchObject({
      mints: 1,
      presenting: false,
      outage: { marked: false, refreshes: 0 },
    });
  });

  it('T11 the second request carries the token and starts now', () => {
    expect(updates.startPresenting(contextOf({ mints: 1, seen: at(7) }))).toStrictEqual({
      mints: 2,
      lastStart: sinceStart(7),
      presenting: true,
    });
  });
});

it('R5.6 a mint that was slept through leaves nothing behind', () => {
  expect(updates.forgetMint()).toStrictEqual({ askedAgain: false });
});

it('T2 a pause that is over says nothing about the next stale point', () => {
  expect(updates.liftPause()).toStrictEqual({ pause: null });
});

describe('a better token', () => {
  it('T7 everything that failures left behind is over', () => {
    const change = updates.accept(contextOf({ ...troubled, mints: 3, status: 'degraded' }), minted());
    expect(change).toMatchObject({
      ...untroubled,
      held: { from: 'mint' },
      status: 'ok',
      outage: { marked: false, refreshes: 0 },
    });
  });

  it('T7 a verdict that is none changes nothing', () => {
    expect(updates.accept(contextOf(), minted(50_000))).toStrictEqual({});
  });

  it('T25 who forced after it started goes on waiting', () => {
    expect(updates.accept(contextOf({ mints: 3, forcedAfter: 2 }), minted())).toMatchObject({ forcedAfter: null });
    expect('forcedAfter' in updates.accept(contextOf({ mints: 3, forcedAfter: 3 }), minted())).toBe(false);
  });

  it('R5.8 a `Retry-After` that another key was given is not over', () => {
    const floor = pause(9_000, 'retry-after');
    expect(updates.accept(contextOf({ pause: floor }), minted()).pause).toEqual(floor);
    expect(updates.accept(contextOf({ pause: floor, seen: at(9_000) }), minted()).pause).toBeNull();
    expect(updates.accept(contextOf({ pause: pause(9_000, 'decay') }), minted()).pause).toBeNull();
  });

  it('T16 with the last token in the request the outage goes on, without it it is over', () => {
    const outage = { marked: true, refreshes: 2 };
    const outcomeOf = (change: Parameters<typeof contextOf>[0]) => {
      const { outage: left, status } = updates.accept(contextOf({ outage, ...change }), minted());
      return [left, status];
    };
    const over = [{ marked: false, refreshes: 0 }, 'ok'];
    expect(outcomeOf({ presenting: true })).toEqual([outage, 'degraded']);
    expect(outcomeOf({ presenting: false })).toEqual(over);
    expect(outcomeOf({ presenting: true, outage: { marked: false, refreshes: 0 } })).toEqual(over);
    expect(outcomeOf({ presenting: true, policy: { presentHeldToken: 'always' } })).toEqual(over);
    expect(updates.acceptInOutage(contextOf({ outage }), minted())).toMatchObject({
      held: { from: 'mint' },
      outage: { marked: true, refreshes: 0 },
      status: 'degraded',
    });
  });
});

describe('a token of another tab', () => {
  it('T23 what failed here is over; who forced still gets a mint, and what is known of the outage stays', () => {
    const token = facts(0);
    const change = updates.adoptFromPeer(
      contextOf({ ...troubled, mints: 3, forcedAfter: 2, unexplored: true }),
      token,
      null,
    );
    expect(change).toStrictEqual({ ...untroubled, forcedAfter: 2, held: token, unexplored: false, status: 'ok' });
    const marked = contextOf({ outage: { marked: true, refreshes: 1 } });
    expect(updates.adoptFromPeer(marked, token, null).status).toBe('degraded');
  });

  it('R9.12 its clock comes along where nothing better is known', () => {
    const theirs: ServerClock = { ...localClock, offsetMs: 700, evidence: 'date' };
    expect(updates.adoptFromPeer(contextOf(), facts(), theirs).clock).toEqual(theirs);
    const taught = contextOf({ clock: { ...theirs, offsetMs: 5 } });
    expect('clock' in updates.adoptFromPeer(taught, facts(), theirs)).toBe(false);
  });
});

describe('tabs among each other', () => {
  const shared = { sharing: { turns: true, peers: true } };

  it('R10.8 one without focus leaves the refresh to the focused one, for 2 s, or a quarter of the lead', () => {
    const visible = { presence: 'visible', roll: 1 } as const;
    const grace = (change: Parameters<typeof contextOf>[0]) =>
      updates.leaveToFocused(contextOf({ ...shared, ...change })).spread;
    expect(grace({ held: facts(), seen: visible })).toEqual({ since: sinceStart(0), ms: 2_000, kind: 'backoff' });
    expect(grace({ held: facts(0, 12_000), seen: visible })).toMatchObject({ ms: 1_500 });
    expect(grace({ held: facts(), policy: { jitter: 0.5 }, seen: visible })).toMatchObject({ ms: 3_000 });
    expect(grace({ held: facts(0, 12_002), policy: { jitter: 0.5 }, seen: visible })).toMatchObject({ ms: 2_250 });
    expect(grace({ held: facts(), seen: { presence: 'hidden' } })).toMatchObject({ ms: 2_000 });
    for (const presence of ['focused', 'headless'] as const)
      expect(grace({ held: facts(), seen: { presence } })).toBeUndefined();
    expect(grace({ held: null, seen: visible })).toBeUndefined();
    expect(grace({ held: facts(), sharing: { turns: true, peers: false }, seen: visible })).toBeUndefined();
  });

  it('R5.28 what failed elsewhere counts here', () => {
    const tries = { attempt: 2, failure: transient, pause: pause(5_000) };
    const usable = { held: facts() };
    expect(updates.shareTries(contextOf({ failures: 1 }), tries)).toStrictEqual({
      failedTries: 2,
      failures: 2,
      error: transient,
      pause: pause(5_000),
    });
    expect(updates.shareTries(contextOf({ failures: 5 }), tries).failures).toBe(5);
    expect(updates.shareTries(contextOf({ ...usable, failures: 1 }), tries).failures).toBe(1);
    const floor = pause(9_000, 'retry-after');
    expect(updates.shareTries(contextOf({ pause: floor }), tries).pause).toEqual(floor);
  });

  it('S9 R5.16 and so do its starts, and an answer that was lost', () => {
    const granted = { is: 'granted', answerLost: false, tries: null, failedStarts: [sinceStart(2)] } as const;
    expect(updates.noteTries(contextOf({ failedStarts: [sinceStart(1)] }), granted)).toStrictEqual({
      failedStarts: [sinceStart(1), sinceStart(2)],
      answerLost: false,
    });
    expect(updates.noteTries(contextOf(), { ...granted, answerLost: true }).answerLost).toBe(true);
    expect(updates.noteTries(contextOf({ answerLost: true }), granted).answerLost).toBe(true);
  });
});

describe('an answer that is no better', () => {
  it('T8 the held one stays, the try has failed, and who waits is served', () => {
    const held = facts(10_000);
    const change = updates.keepHeld(
      contextOf({ held, wanted: true, askedAgain: true, lastStart: sinceStart(0) }),
      minted(20_000),
    );
    expect(change).toMatchObject({ held, askedAgain: false, wanted: false, failedTries: 1, failures: 0 });
    expect('forcedAfter' in change).toBe(false);
    expect('error' in change).toBe(false);
  });

  it('T25 it answers who forced it, and nobody who forced after it', () => {
    const held = facts(10_000);
    expect(updates.keepHeld(contextOf({ held, mints: 2, forcedAfter: 1 }), minted(20_000)).forcedAfter).toBeNull();
    expect('forcedAfter' in updates.keepHeld(contextOf({ held, mints: 2, forcedAfter: 2 }), minted(20_000))).toBe(
      false,
    );
  });

  it('R9.8 an aged one is held, since it is better than nothing', () => {
    const token = minted(50_000);
    const change = updates.keepHeld(contextOf({ askedAgain: true, wanted: true }), token);
    expect(change).toMatchObject({ held: { fingerprint: token.fingerprint }, askedAgain: false, wanted: false });
  });

  it('R4.9 who waits goes on waiting where all that is held has expired', () => {
    const token = minted(60_000);
    const held = { ...facts(70_000), fingerprint: token.fingerprint };
    expect('wanted' in updates.keepHeld(contextOf({ held, wanted: true, seen: at(0) }), token)).toBe(false);
  });
});

describe('asked for once more', () => {
  it('R9.8 held meanwhile if it still serves, and then nobody waits', () => {
    const usable = minted(50_000);
    expect(updates.askAgain(contextOf({ wanted: true }), usable)).toMatchObject({
      held: { fingerprint: usable.fingerprint },
      askedAgain: true,
      wanted: false,
    });
    const hardly = minted(57_000);
    const change = updates.askAgain(contextOf({ wanted: true }), hardly);
    expect(change).toMatchObject({ held: { fingerprint: hardly.fingerprint }, askedAgain: true });
    expect('wanted' in change).toBe(false);
  });

  it('R9.8 one that is over takes nothing away', () => {
    const held = facts(90_000);
    expect(updates.askAgain(contextOf({ held }), minted(80_000))).toMatchObject({ held, askedAgain: true });
    // Not asked again, by its verdict: what is held stays too.
    expect(updates.askAgain(contextOf({ held }), minted(0)).held).toEqual(held);
  });
});

describe('a failed try', () => {
  it('R5.16 R5.17 a lost answer is remembered, whatever fails after it', () => {
    const lost = (failure: Failure, answerLost = false) =>
      updates.recordFailure(contextOf({ answerLost }), failure).answerLost;
    expect(lost({ class: 'ambiguous' })).toBe(true);
    expect(lost(transient)).toBe(false);
    expect(lost(transient, true)).toBe(true);
  });

  it('T12 T10 is counted, and only a refusal decays', () => {
    const change = updates.recordFailure(contextOf({ askedAgain: true }), transient);
    expect(change).toMatchObject({ askedAgain: false, failedTries: 1, error: transient, pause: { kind: 'backoff' } });
    expect(updates.recordFailure(contextOf(), transient, { decays: true }).pause).toMatchObject({ kind: 'decay' });
  });

  it('R5.8 what the server asked for holds for every key', () => {
    expect(updates.floorOf(contextOf({ seen: at(5) }), { ...transient, retryAfterMs: 700 })).toEqual({
      since: sinceStart(5),
      ms: 700,
      kind: 'retry-after',
    });
    expect(updates.floorOf(contextOf(), transient)).toBeNull();
    expect(updates.floorOf(contextOf(), { ...transient, retryAfterMs: 0 })).toBeNull();
  });
});

describe('the network goes', () => {
  const offline: Failure = { class: 'offline' };
  const starts = (count: number) => Array.from({ length: count }, (_, index) => sinceStart(index * 100));

  it('T9 under a request: it counts for the window, and no backoff comes of it', () => {
    const change = updates.recordOffline(
      contextOf({ lastStart: sinceStart(500), askedAgain: true, seen: at(600) }),
      offline,
    );
    expect(change).toStrictEqual({
      error: offline,
      askedAgain: false,
      failedTries: 1,
      failedStarts: [sinceStart(500)],
    });
  });

  it('T9 S9 with a link that flaps, tries keep a distance after the third', () => {
    const flapping = (before: number) =>
      updates.recordOffline(
        contextOf({ failedStarts: starts(before), lastStart: sinceStart(500), seen: at(600) }),
        offline,
      ).pause;
    expect(flapping(1)).toBeUndefined();
    expect(flapping(2)).toEqual({ since: sinceStart(600), ms: 3_000, kind: 'backoff' });
    expect(flapping(3)).toMatchObject({ ms: 4_650 });
    const floor = pause(90_000, 'retry-after');
    const context = contextOf({ failedStarts: starts(2), lastStart: sinceStart(500), pause: floor, seen: at(600) });
    expect(updates.recordOffline(context, offline).pause).toEqual(floor);
  });

  it('T19 without a request nothing is counted, and the error says what is wrong', () => {
    expect(updates.recordOffline(contextOf({ lastStart: sinceStart(0) }), null)).toStrictEqual({
      error: offline,
      askedAgain: false,
    });
    expect(updates.recordOffline(contextOf(), transient)).toStrictEqual({ error: transient, askedAgain: false });
  });

  it('R4.6 T21 who waits is served with what is unexpired, and waits otherwise', () => {
    for (const become of [updates.becomeOffline, updates.becomeDegraded]) {
      expect(become(contextOf({ held: facts(57_000), wanted: true })).wanted).toBe(false);
      expect('wanted' in become(contextOf({ held: facts(60_000), wanted: true }))).toBe(false);
    }
    expect(updates.becomeOffline(contextOf()).status).toBe('offline');
    expect(updates.becomeDegraded(contextOf()).status).toBe('degraded');
  });

  it('T20 back with a token that needs nothing', () => {
    expect(updates.becomeOk(contextOf())).toStrictEqual({ status: 'ok', offlineChecks: 0, error: null });
    expect(updates.becomeOk(contextOf({ outage: { marked: true, refreshes: 0 } })).status).toBe('degraded');
  });

  it('T21 looks are counted and told', () => {
    expect(updates.countOfflineCheck(contextOf({ offlineChecks: 1 }))).toStrictEqual({ offlineChecks: 2 });
    expect(updates.scheduleCheck(contextOf({ seen: at(5) }), 3_000)).toStrictEqual({
      check: { since: sinceStart(5), ms: 3_000, kind: 'backoff' },
    });
  });
});

describe('reads', () => {
  it('T6 R9.20 a read counts; one that waits does not stand in a crowd', () => {
    expect(updates.noteRead(contextOf({ spread: pause(9) }), false)).toStrictEqual({
      readSinceMint: true,
      wanted: false,
    });
    expect(updates.noteRead(contextOf({ wanted: true }), false).wanted).toBe(true);
    expect(updates.noteRead(contextOf(), true)).toStrictEqual({ readSinceMint: true, wanted: true, spread: null });
  });

  it('T25 who forces wants a mint that starts after this one', () => {
    expect(updates.noteForced(contextOf({ mints: 3 }))).toStrictEqual({
      readSinceMint: true,
      forcedAfter: 3,
      spread: null,
    });
  });

  it('T12 T18 who is told waits no longer', () => {
    expect(updates.dismissReaders()).toStrictEqual({ wanted: false, forcedAfter: null });
    expect(updates.dismissForced()).toStrictEqual({ forcedAfter: null });
    expect(updates.dismissPlain()).toStrictEqual({ wanted: false });
  });

  it('T20 T26 who returns together is spread over half a second', () => {
    expect(updates.spreadOut(contextOf({ policy: { jitter: 1 }, seen: { roll: 0.5 } }))).toStrictEqual({
      spread: { since: sinceStart(0), ms: 250, kind: 'backoff' },
    });
  });
});

describe('what others say', () => {
  it('R7.10 a refused token is remembered once, and the last twenty of them', () => {
    expect(updates.rejectToken(contextOf({ rejected: ['a'] }), 'b')).toStrictEqual({ rejected: ['a', 'b'] });
    expect(updates.rejectToken(contextOf({ rejected: ['a'] }), 'a')).toStrictEqual({});
    const many = Array.from({ length: 20 }, (_, index) => `f${index}`);
    expect(updates.rejectToken(contextOf({ rejected: many }), 'new').rejected).toEqual([...many.slice(1), 'new']);
  });

  it('T16 an outage that another key met shows here, and its end too, unless something is wrong here as well', () => {
    const marked = { outage: { marked: true, refreshes: 3 } };
    expect(updates.noteOutage(contextOf(), true)).toStrictEqual({
      outage: { marked: true, refreshes: 0 },
      status: 'degraded',
    });
    expect(updates.noteOutage(contextOf(marked), true).outage).toEqual(marked.outage);
    expect('status' in updates.noteOutage(contextOf({ status: 'offline' }), true)).toBe(false);
    expect(updates.noteOutage(contextOf({ ...marked, status: 'degraded' }), false)).toStrictEqual({
      outage: { marked: false, refreshes: 0 },
      status: 'ok',
    });
    expect('status' in updates.noteOutage(contextOf({ ...marked, status: 'degraded', error: transient }), false)).toBe(
      false,
    );
    expect('status' in updates.noteOutage(contextOf({ ...marked, status: 'offline' }), false)).toBe(false);
  });

  it('R5.8 a wait of another key holds here too, and shortens nothing', () => {
    const floor = pause(9_000, 'retry-after');
    expect(updates.raiseFloor(contextOf(), floor)).toStrictEqual({ pause: floor, error: { class: 'rate-limited' } });
    expect(updates.raiseFloor(contextOf({ error: transient }), floor).error).toEqual(transient);
    expect(updates.raiseFloor(contextOf({ pause: pause(9_000) }), floor)).toStrictEqual({
      pause: { ...pause(9_000), floorMs: 9_000 },
    });
    expect(updates.raiseFloor(contextOf({ pause: pause(8_999) }), floor).pause).toEqual(floor);
  });
});

describe('another identity', () => {
  it('T28 R8.8 nothing of the one before counts', () => {
    const token = facts(0);
    const { readSinceMint: _, ...left } = untroubled;
    const begun = {
      ...left,
      forcedAfter: null,
      status: 'ok',
      outage: { marked: false, refreshes: 0 },
      cause: 'restore',
    };
    expect(updates.begin(token)).toStrictEqual({ ...begun, held: token, unexplored: false });
    expect(updates.begin(null)).toStrictEqual({ ...begun, held: null, unexplored: true });
    expect(updates.end()).toStrictEqual({ ...updates.begin(null), rejected: [] });
  });
});
