/** What becomes of a mint and of a question to the session, on the machine alone (§3, §5). */
import { describe, expect, it } from 'vitest';
import { keyId } from '../../machines/key';
import type { Pause } from '../../machines/schedule';
import { sharedClock } from '../../machines/server-time';
import { createMachine, facts, sinceStart, startMs } from './support';

type More = Parameters<typeof createMachine>[0];
const rotating = { kind: 'rotating', reuseGraceMs: 0 } as const;

/** One refresh of a token of 60 s is out, 43 s after its start. */
const minting = (more: More = {}) => {
  const machine = createMachine({ token: facts(0), ...more });
  machine.tick(43_000);
  expect(machine.state).toBe('refreshing.minting');
  return machine;
};

describe('a mint is asked for', () => {
  it('T6 R10.9 with all that the source is told', async () => {
    const machine = minting({ presence: 'visible' });
    const key = { sessionId: 'sess_1' };
    const startedAt = sinceStart(43_000);
    expect(machine.asked).toStrictEqual([
      { key, number: 1, attempt: 1, cause: 'proactive', presence: 'visible', present: null, startedAt },
    ]);
    expect(machine.said('mint.started')).toStrictEqual([
      { type: 'mint.started', number: 1, attempt: 1, cause: 'proactive' },
    ]);
    await machine.fails({ class: 'transient' });
    expect(machine.said('floor.raised')).toEqual([]);
    machine.tick(3_000);
    expect(machine.said('mint.started')[1]).toMatchObject({ number: 2, attempt: 2, cause: 'retry' });
    expect(machine.said('mint.failed')).toStrictEqual([
      { type: 'mint.failed', number: 1, attempt: 1, failure: { class: 'transient' } },
    ]);
  });

  it('R6.3 with the last token from the start, where the policy says so', () => {
    const machine = minting({ policy: { presentHeldToken: 'always' } });
    expect(machine.asked).toMatchObject([{ present: machine.context.held?.generation }]);
    expect(createMachine({ policy: { presentHeldToken: 'always' } }).asked).toMatchObject([{ present: null }]);
  });
});

describe('a mint is answered', () => {
  it('T7 R9.1 better: its own callers, the host and the siblings hear of it', async () => {
    const machine = minting();
    await machine.mints({ generation: 77, issuedAt: startMs + 50_000, expiresAt: startMs + 110_000 });
    expect(machine.said('mint.succeeded')).toStrictEqual([
      { type: 'mint.succeeded', number: 1, generation: 77, held: true, attempt: 1 },
    ]);
    // Issued 7 s in the future: our clock is behind.
    expect(machine.said('clock.learned')).toMatchObject([{ clock: { offsetMs: 8_000 } }]);
    expect(machine.said('outage.noticed')).toEqual([]);
  });

  it('T7 a right clock is no news', async () => {
    const machine = minting();
    await machine.mints();
    expect(machine.said('clock.learned')).toEqual([]);
  });

  it('T7 R9.12 what another tab said of the time turns out right: news for the siblings, once', async () => {
    const machine = minting({ clock: sharedClock(700) });
    await machine.mints({ issuedAt: machine.context.seen.now.wallMs });
    expect(machine.said('clock.learned')).toMatchObject([{ clock: { offsetMs: 700, evidence: 'proof' } }]);
    machine.force();
    await machine.mints({ issuedAt: machine.context.seen.now.wallMs });
    expect(machine.said('clock.learned')).toHaveLength(1);
  });

  it('T8 no better: told to its callers, and not as held', async () => {
    const machine = createMachine({ token: facts(0, 60_000, { originIssuedAt: startMs }) });
    machine.tick(2_000);
    machine.force();
    await machine.mints();
    expect(machine.said('mint.succeeded')).toMatchObject([{ held: false }]);
    expect(machine.context).toMatchObject({ failedTries: 1, forcedAfter: null });
  });

  it('R9.8 aged: asked for once more after a second, and then held if it serves', async () => {
    const machine = createMachine();
    machine.read(true);
    const old = { issuedAt: startMs - 50_000, expiresAt: startMs + 10_000 };
    await machine.mints({ ...old, fingerprint: 'first' });
    expect(machine.state).toBe('refreshing.spacing');
    expect([machine.serving, machine.context.askedAgain]).toEqual([true, true]);
    machine.passes(999);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toHaveLength(2);
    await machine.mints({ ...old, expiresAt: startMs + 11_000, fingerprint: 'second' });
    expect(machine.context).toMatchObject({ held: { fingerprint: 'second' }, askedAgain: false, failedTries: 1 });
    expect(machine.said('mint.succeeded')).toMatchObject([{ held: true }]);
  });

  it('R9.8 R9.1 S4 asked for once more: what time it is at the server is news for the siblings already', async () => {
    const machine = minting();
    const life = (at: number) => ({ issuedAt: startMs + at, expiresAt: startMs + at + 1_000 });
    await machine.mints(life(50_000));
    expect([machine.state, machine.context.askedAgain]).toEqual(['refreshing.spacing', true]);
    expect(machine.said('clock.learned')).toMatchObject([{ clock: { offsetMs: 8_000 } }]);
    machine.tick(1_000);
    await machine.mints({ issuedAt: startMs + 51_000, expiresAt: startMs + 111_000 });
    expect(machine.said('clock.learned')).toHaveLength(1);
  });

  it('T8 R9.8 asked for once more and aged again: its callers get it, as held', async () => {
    const machine = createMachine();
    await machine.mints({ issuedAt: startMs - 61_000, expiresAt: startMs - 1_000 });
    machine.tick(1_000);
    await machine.mints({ issuedAt: startMs - 50_000, expiresAt: startMs + 10_000, fingerprint: 'again' });
    expect(machine.context.held?.fingerprint).toBe('again');
    expect(machine.said('mint.succeeded')).toMatchObject([{ held: true }]);
  });

  it('T16 without the last token it ends the outage, for all keys', async () => {
    const machine = minting({ outageMarked: true, policy: { outageProbeEvery: 1 } });
    expect(machine.context.status).toBe('degraded');
    expect(machine.asked).toMatchObject([{ present: null }]);
    await machine.mints();
    expect(machine.said('outage.noticed')).toStrictEqual([{ type: 'outage.noticed', marked: false }]);
    expect(machine.context).toMatchObject({ status: 'ok', outage: { marked: false } });
    const presented = minting({ outageMarked: true });
    await presented.mints();
    expect(presented.said('outage.noticed')).toEqual([]);
    expect(presented.context.status).toBe('degraded');
  });

  it('R5.10 with a token that the rules refuse: a failure like a transient one', async () => {
    const machine = minting();
    await machine.mints({ sessionId: 'sess_2' });
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.said('mint.failed')).toMatchObject([
      { failure: { class: 'invalid', reason: 'other_session' }, generation: expect.any(Number) },
    ]);
    expect(machine.said('mint.succeeded')).toEqual([]);
  });

  it('R9.3 S4 with a token that the rules refuse: it tells the time all the same, and the siblings hear of it', async () => {
    const machine = minting();
    await machine.mints({ sessionId: 'sess_2', issuedAt: startMs + 58_000, expiresAt: startMs + 118_000 });
    expect(machine.said('mint.failed')).toHaveLength(1);
    expect(machine.said('clock.learned')).toMatchObject([{ clock: { offsetMs: 16_000 } }]);
    expect(machine.context.clock).toMatchObject({ offsetMs: 16_000, evidence: 'proof' });
    // What is held has 1 s left by that: it is no longer a background refresh that failed.
    expect(machine.context).toMatchObject({ failures: 1, failedTries: 1 });
  });

  it('R9.3 by an error: that says nothing of the time', async () => {
    const machine = minting();
    const { clock } = machine.context;
    await machine.fails({ class: 'transient' });
    expect(machine.context.clock).toEqual(clock);
    expect(machine.said('clock.learned')).toEqual([]);
  });

  it('R5.8 with a `Retry-After`: all keys hear of it', async () => {
    const machine = minting();
    await machine.fails({ class: 'rate-limited', status: 429, retryAfterMs: 90_000 });
    const pause = { since: sinceStart(43_000), ms: 90_000, kind: 'retry-after' };
    expect(machine.said('floor.raised')).toStrictEqual([{ type: 'floor.raised', pause }]);
    expect(machine.state).toBe('outage-fallback.backing-off');
    await machine.breaks('mint');
    machine.passes(89_999);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toHaveLength(2);
  });

  it.each(['refreshing.minting', 'outage-fallback.presenting-expired-token'])(
    'T10 in %s by an actor that breaks: as transient',
    async (state) => {
      const machine = minting();
      if (state !== 'refreshing.minting') await machine.fails({ class: 'expired-token-required', status: 422 });
      expect(machine.state).toBe(state);
      await machine.breaks('mint');
      expect(machine.state).toBe('outage-fallback.backing-off');
      expect(machine.context).toMatchObject({ error: { class: 'transient' }, failedTries: 1 });
      expect(machine.said('mint.failed')).toMatchObject([{ failure: { class: 'transient' } }]);
    },
  );

  it('T12 by a refusal: tries decay, forced ones are refused meanwhile, and one per 50 s suffices', async () => {
    const machine = minting();
    await machine.fails({ class: 'rejected', status: 404 });
    expect(machine.context.pause).toMatchObject({ kind: 'decay', ms: 3_000 });
    machine.force();
    expect(machine.said('reads.failed')).toMatchObject([
      { readers: 'all' },
      { readers: 'forced', failure: { status: 404 } },
    ]);
    machine.read(true);
    expect(machine.said('reads.failed')[2]).toMatchObject({ readers: 'plain', failure: { status: 404 } });
    machine.passes(49_999);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toMatchObject([{}, { cause: 'proactive' }]);
  });
});

describe('no answer in time', () => {
  it('R5.5 T10 is a time-out at 10 s, by its timer', () => {
    const machine = minting();
    machine.passes(9_999);
    expect(machine.state).toBe('refreshing.minting');
    machine.passes(1);
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.said('mint.failed')).toMatchObject([{ number: 1, failure: { class: 'timed-out' } }]);
    expect(machine.context.status).toBe('degraded');
  });

  it('R5.6 unless its answer is here, and the machine hears of it next', async () => {
    const machine = minting();
    machine.tick(10_000, { answered: keyId({ sessionId: 'sess_1' }) });
    expect(machine.state).toBe('refreshing.minting');
    await machine.mints();
    expect(machine.state).toBe('fresh');
  });

  it('T9 R5.1 and no network: offline', () => {
    const machine = minting();
    machine.tick(5_000, { online: false });
    expect(machine.state).toBe('refreshing.minting');
    machine.passes(5_000);
    expect(machine.state).toBe('offline-retrying.waiting');
    expect(machine.said('mint.failed')).toMatchObject([{ attempt: 1, failure: { class: 'offline' } }]);
    // The network is asked, not the origin: no pause comes of it, and nothing is counted.
    expect(machine.context).toMatchObject({ pause: null, failures: 0 });
  });

  it('R5.5 is noticed when it happens, whenever somebody looks next', () => {
    const machine = minting();
    machine.passes(10_500);
    expect(machine.context.pause).toMatchObject({ since: sinceStart(53_000) });
  });

  it('R5.15 a grace is for single-use credentials only', () => {
    const machine = minting({ credential: { kind: 'reusable', reuseGraceMs: 30_000 } });
    machine.passes(10_000);
    expect(machine.state).toBe('outage-fallback.backing-off');
  });

  it('R5.6 R9.8 slept through when asked for once more: not asked as if it were the second time', async () => {
    const machine = createMachine();
    await machine.mints({ issuedAt: startMs - 61_000, expiresAt: startMs - 1_000 });
    machine.tick(1_000);
    expect(machine.context.askedAgain).toBe(true);
    machine.tick(11_001);
    expect(machine.context.askedAgain).toBe(false);
  });

  it('R5.6 slept through: void, and asked anew', () => {
    const machine = minting();
    machine.tick(11_001);
    expect(machine.said('mint.failed')).toEqual([]);
    expect(machine.context).toMatchObject({
      failedTries: 0,
      failures: 0,
      error: null,
      status: 'ok',
      askedAgain: false,
    });
    expect(machine.asked).toHaveLength(2);
  });

  it('T10 T11 of the last token in it: backing off', async () => {
    const machine = minting();
    await machine.fails({ class: 'expired-token-required', status: 422 });
    machine.passes(9_999);
    expect(machine.state).toBe('outage-fallback.presenting-expired-token');
    machine.passes(1);
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.said('mint.failed')).toMatchObject([{ number: 2, failure: { class: 'timed-out' } }]);
  });

  it('R5.15 to a single-use credential: once more inside the grace, and then no more', () => {
    const machine = minting({ credential: { kind: 'rotating', reuseGraceMs: 30_000 } });
    machine.passes(10_000);
    expect(machine.state).toBe('refreshing.minting');
    expect(machine.asked).toMatchObject([{ number: 1 }, { number: 2, attempt: 2 }]);
    expect(machine.said('mint.failed')).toMatchObject([{ failure: { class: 'ambiguous' } }]);
    expect(machine.context.answerLost).toBe(true);
    machine.passes(10_000);
    expect(machine.asked).toHaveLength(2);
    expect(machine.state).toBe('outage-fallback.backing-off');
  });

  it('R5.16 to a single-use credential without a grace: not before the held token is over', () => {
    const machine = minting({ credential: rotating });
    machine.passes(10_000);
    expect(machine.context).toMatchObject({ answerLost: true, pause: { kind: 'ambiguous' } });
    machine.passes(6_999);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toHaveLength(2);
  });

  it('R5.15 an answer that was lost at once is repeated inside the grace', async () => {
    const machine = minting({ credential: { kind: 'rotating', reuseGraceMs: 5_000 } });
    await machine.fails({ class: 'ambiguous' });
    expect(machine.asked).toMatchObject([{ number: 1 }, { number: 2 }]);
    await machine.fails({ class: 'ambiguous' });
    expect(machine.state).toBe('outage-fallback.backing-off');
    const other = minting({ credential: { kind: 'rotating', reuseGraceMs: 5_000 } });
    await other.fails({ class: 'transient' });
    expect(other.asked).toHaveLength(1);
  });
});

describe('the server wants the last token', () => {
  const wants = { class: 'expired-token-required', status: 422 } as const;

  it('T11 and does not take it: T9 offline, T13 unknown, T10 anything else, T8 no better', async () => {
    const presenting = async () => {
      const machine = minting();
      await machine.fails(wants);
      expect(machine.context).toMatchObject({ error: wants, presenting: true, status: 'degraded' });
      return machine;
    };
    const offline = await presenting();
    offline.tick(10, { online: false });
    expect(offline.state).toBe('outage-fallback.presenting-expired-token');
    await offline.fails({ class: 'offline' });
    expect(offline.state).toBe('offline-retrying.waiting');
    const unknown = await presenting();
    await unknown.fails({ class: 'unauthenticated', status: 401 });
    expect(unknown.state).toBe('refreshing.confirming-sign-out');
    const other = await presenting();
    await other.fails({ class: 'rejected', status: 404 });
    expect(other.state).toBe('outage-fallback.backing-off');
    expect(other.context.status).toBe('degraded');
    expect(other.said('mint.failed')).toMatchObject([{ number: 2, failure: { status: 404 } }]);
    const same = await presenting();
    await same.mints({ ...same.context.held });
    expect([same.state, same.context.failedTries]).toEqual(['stale', 1]);
  });

  it('T11 T16 and takes it: a mint like any other, for who hears of mints', async () => {
    const machine = minting();
    await machine.fails(wants);
    expect(machine.said('mint.started')).toMatchObject([{ number: 1 }, { number: 2, attempt: 1, cause: 'proactive' }]);
    await machine.mints({ generation: 77 });
    expect(machine.said('mint.succeeded')).toStrictEqual([
      { type: 'mint.succeeded', number: 2, generation: 77, held: true, attempt: 1 },
    ]);
  });

  it.each(['refused', 'not answered'])(
    'T11 T10 T23 it is %s, while a token of another tab looked as if all were well: degraded all the same',
    async (how) => {
      const machine = minting({ credential: rotating });
      await machine.fails(wants);
      machine.tick(5_000);
      machine.actor.send({ type: 'peer.token', token: facts(-48_000), clock: null });
      expect([machine.state, machine.context.status]).toEqual(['outage-fallback.presenting-expired-token', 'ok']);
      if (how === 'refused') await machine.fails({ class: 'transient', status: 503 });
      else machine.passes(5_000);
      expect([machine.state, machine.context.status]).toEqual(['outage-fallback.backing-off', 'degraded']);
    },
  );

  it('T11 T9 not without a network, and not where it asked to be left alone', async () => {
    const offline = minting();
    offline.tick(10, { online: false });
    await offline.fails(wants);
    expect(offline.asked).toHaveLength(1);
    const refused = minting();
    const pause: Pause = { since: sinceStart(43_000), ms: 60_000, kind: 'retry-after' };
    refused.actor.send({ type: 'floor.raised', pause });
    await refused.fails(wants);
    expect(refused.asked).toHaveLength(1);
    expect(refused.state).toBe('outage-fallback.backing-off');
  });
});

describe('the session is asked about', () => {
  const doubted = async (more: More = {}) => {
    const machine = minting(more);
    await machine.fails({ class: 'unauthenticated', status: 401, serverCode: 'other' });
    expect(machine.state).toBe('refreshing.confirming-sign-out');
    expect(machine.context.error).toMatchObject({ status: 401 });
    return machine;
  };

  it('T13 R5.13 by its id', async () => {
    expect((await doubted()).doubted).toStrictEqual([{ sessionId: 'sess_1' }]);
  });

  it('T15 it is still there: as any refusal', async () => {
    const machine = await doubted();
    await machine.confirms('active');
    expect(machine.context.pause?.kind).toBe('decay');
    expect(machine.said('mint.failed')).toMatchObject([{ failure: { class: 'unauthenticated', status: 401 } }]);
    expect(machine.said('reads.failed')).toMatchObject([{ readers: 'all', failure: { status: 401 } }]);
  });

  it.each(['unknown', 'broken'])(
    'T15 the answer is %s: as transient, and who waits goes on waiting',
    async (answer) => {
      const machine = await doubted();
      if (answer === 'broken') await machine.breaks('doubt');
      else await machine.confirms('unknown');
      expect(machine.state).toBe('outage-fallback.backing-off');
      expect(machine.context.error).toStrictEqual({ class: 'transient', status: 401, serverCode: 'other' });
      expect(machine.said('reads.failed')).toEqual([]);
    },
  );

  it('T14 it is gone: nothing is held any more', async () => {
    const machine = await doubted();
    await machine.confirms('gone');
    expect(machine.said('session.gone')).toStrictEqual([{ type: 'session.gone', reason: 'session_gone' }]);
    expect(machine.context.held).toBeNull();
  });

  it('T30 T13 readers are served meanwhile, up to the cutoff', async () => {
    const machine = await doubted();
    expect(machine.serving).toBe(true);
    machine.passes(12_000);
    expect([machine.state, machine.serving]).toEqual(['refreshing.confirming-sign-out', false]);
  });
});
