/** Each transition of the specification on the machine alone, with its condition met and not met (§3). */
import { describe, expect, it } from 'vitest';
import { createMachine, facts, startMs } from './support';

/** Holds a token of 60 s, issued `ageMs` ago. */
const holding = (ageMs = 0, more: Parameters<typeof createMachine>[0] = {}) =>
  createMachine({ token: facts(ageMs), ...more });

describe('from restoring', () => {
  it('T1 a usable token whose stale point is ahead: fresh, served, no request', () => {
    const machine = holding(42_999);
    expect([machine.state, machine.serving]).toEqual(['fresh', true]);
    expect(machine.asked).toEqual([]);
  });

  it('T2 a usable token whose stale point is behind: stale, and on from there', () => {
    const inactive = holding(43_000, { active: false });
    expect(inactive.state).toBe('stale');
    expect(inactive.serving).toBe(true);
    expect(inactive.asked).toEqual([]);
    expect(holding(43_000).state).toBe('refreshing.minting');
  });

  it.each([
    ['T3 expiring', facts(55_000)],
    ['T3 expired, and kept for an outage', facts(100_000)],
  ])('%s: refreshing', (_, token) => {
    const machine = createMachine({ token });
    expect(machine.state).toBe('refreshing.minting');
    expect(machine.asked).toMatchObject([{ cause: 'restore', present: null }]);
    expect(machine.context.held).toEqual(token);
  });

  it('T3 none: refreshing', () => {
    expect(createMachine().state).toBe('refreshing.minting');
  });

  it('T1 T3 the cache is asked where nobody has looked yet', async () => {
    const found = createMachine({ token: undefined as never });
    expect(found.state).toBe('restoring.recalling');
    expect(found.actor.getSnapshot().hasTag('waiting')).toBe(true);
    await found.recalls(facts(10_000));
    expect(found.state).toBe('fresh');
    const empty = createMachine({ token: undefined as never });
    await empty.recalls(null);
    expect(empty.state).toBe('refreshing.minting');
    const old = createMachine({ token: undefined as never });
    await old.recalls(facts(58_000));
    expect(old.state).toBe('refreshing.minting');
    expect(old.context.held).not.toBeNull();
  });

  it('T3 nothing found there is no failure: a mint for the start', async () => {
    const machine = createMachine({ token: undefined as never });
    await machine.recalls(null);
    expect(machine.asked).toMatchObject([{ cause: 'restore', attempt: 1 }]);
    expect(machine.context.status).toBe('ok');
  });

  it('T1 T3 and it is asked for the token of this key', () => {
    const { recalled } = createMachine({ token: undefined as never });
    expect(recalled).toStrictEqual([{ key: { sessionId: 'sess_1' } }]);
  });

  it('T3 R5.8 a pause from before the restart is kept, and a usable token serves meanwhile', () => {
    const pause = { since: { wallMs: startMs, monotonicMs: 0 }, ms: 60_000, kind: 'retry-after' } as const;
    expect(createMachine({ pause }).state).toBe('outage-fallback.backing-off');
    expect(holding(0, { pause }).state).toBe('fresh');
    const machine = createMachine({ pause });
    machine.tick(59_999);
    expect(machine.asked).toEqual([]);
    machine.tick(1);
    expect(machine.state).toBe('refreshing.minting');
  });
});

describe('from fresh and stale', () => {
  it('T5 T6 not before the stale point; from it on, the active key is refreshed', () => {
    const machine = holding();
    machine.tick(42_999);
    expect(machine.state).toBe('fresh');
    machine.tick(1);
    expect(machine.state).toBe('refreshing.minting');
    expect(machine.serving).toBe(true);
    expect(machine.asked).toMatchObject([{ cause: 'proactive' }]);
  });

  it('T6 a key that is not active, and not read, stays stale; read, it is refreshed', () => {
    const machine = holding(0, { active: false });
    machine.tick(50_000);
    expect(machine.state).toBe('stale');
    machine.read();
    expect(machine.state).toBe('refreshing.minting');
    expect(machine.asked).toMatchObject([{ cause: 'read' }]);
  });

  it('T6 read before its stale point, it is refreshed ahead of time', () => {
    const machine = holding(0, { active: false });
    machine.actor.send({ type: 'token.used' });
    machine.tick(43_000);
    expect(machine.asked).toMatchObject([{ cause: 'proactive' }]);
  });

  it('T6 T26 a wake refreshes what is stale, and leaves what is fresh', () => {
    const machine = holding(0, { active: false });
    machine.tick(42_999, { woke: true });
    expect(machine.state).toBe('fresh');
    machine.tick(1);
    expect(machine.state).toBe('stale');
    machine.tick(1, { woke: true });
    expect(machine.asked).toMatchObject([{ cause: 'wake' }]);
  });

  it('T24 a forced read mints from both', () => {
    const fresh = holding();
    fresh.tick(5_000);
    fresh.force();
    expect(fresh.state).toBe('refreshing.minting');
    expect(fresh.serving).toBe(true);
    expect(fresh.asked).toMatchObject([{ cause: 'forced' }]);
    const stale = holding(44_000, { active: false });
    stale.force();
    expect(stale.asked).toMatchObject([{ cause: 'forced' }]);
  });

  it('T30 in `stale` serving ends at the cutoff, and the state stays', () => {
    const machine = holding(0, { active: false });
    machine.tick(54_999);
    expect([machine.state, machine.serving]).toEqual(['stale', true]);
    machine.tick(1);
    expect([machine.state, machine.serving]).toEqual(['stale', false]);
  });
});

describe('from refreshing', () => {
  const minting = (more: Parameters<typeof createMachine>[0] = {}) => {
    const machine = holding(0, more);
    machine.tick(43_000);
    expect(machine.state).toBe('refreshing.minting');
    return machine;
  };

  it('T7 a better token: fresh, and nothing of earlier failures is left', async () => {
    const machine = minting();
    await machine.fails({ class: 'transient' });
    machine.tick(3_000);
    await machine.mints();
    expect(machine.state).toBe('fresh');
    expect(machine.context).toMatchObject({ failedTries: 0, failures: 0, error: null, pause: null, status: 'ok' });
    expect(machine.said('mint.succeeded')).toMatchObject([{ number: 2, held: true, attempt: 2 }]);
  });

  it.each([
    ['T8 less fresh by oiat', { originIssuedAt: startMs - 2 }],
    ['T8 without an oiat against one with it', {}],
    ['T8 with no later stale point', { originIssuedAt: startMs, expiresAt: startMs + 60_000 }],
  ])('%s: the held token stays, and backoff decides when to try again', async (_, worse) => {
    const machine = createMachine({ token: facts(0, 60_000, { originIssuedAt: startMs - 1 }) });
    machine.tick(1_500);
    machine.force();
    const { held } = machine.context;
    await machine.mints(worse);
    expect(machine.context.held).toBe(held);
    expect(machine.state).toBe('fresh');
    expect(machine.context).toMatchObject({ failedTries: 1, status: 'ok', forcedAfter: null });
    expect(machine.said('mint.succeeded')).toMatchObject([{ held: false }]);
    // Not a pause that forbids: only one that puts off.
    expect(machine.context.pause).toMatchObject({ kind: 'backoff', ms: 3_000 });
  });

  it('T8 the same token once more, past its stale point: stale, and tried again after the pause', async () => {
    const machine = minting();
    const { held } = machine.context;
    await machine.mints({ ...held });
    expect(machine.state).toBe('stale');
    machine.tick(2_999);
    expect(machine.asked).toHaveLength(1);
    machine.tick(1);
    expect(machine.asked).toHaveLength(2);
  });

  it('T9 offline: nothing is cleared', async () => {
    const machine = minting();
    const { held } = machine.context;
    machine.tick(50, { online: false });
    expect(machine.state).toBe('refreshing.minting');
    await machine.fails({ class: 'offline' });
    expect(machine.state).toBe('offline-retrying.waiting');
    expect(machine.context).toMatchObject({ held, status: 'offline' });
  });

  it('T9 on entry the network is looked at again', () => {
    const machine = createMachine({ online: false });
    expect(machine.state).toBe('offline-retrying.waiting');
    expect(machine.asked).toEqual([]);
    expect(machine.said('mint.failed')).toEqual([]);
  });

  it.each(['transient', 'timed-out', 'rate-limited', 'invalid', 'ambiguous'] as const)(
    'T10 %s: backing off, degraded',
    async (failure) => {
      const machine = minting();
      await machine.fails({ class: failure });
      expect(machine.state).toBe('outage-fallback.backing-off');
      expect(machine.context.status).toBe('degraded');
      expect(machine.serving).toBe(true);
    },
  );

  it('T11 with a last token it is presented, at once and with the same cause; without one there is no second request', async () => {
    const machine = minting();
    await machine.fails({ class: 'expired-token-required', status: 422 });
    expect(machine.state).toBe('outage-fallback.presenting-expired-token');
    expect(machine.asked).toMatchObject([
      { present: null, cause: 'proactive', attempt: 1 },
      { present: machine.context.held?.generation, cause: 'proactive', attempt: 1 },
    ]);
    const without = createMachine();
    await without.fails({ class: 'expired-token-required', status: 422 });
    expect(without.state).toBe('stale');
    expect(without.asked).toHaveLength(1);
  });

  it('T12 rejected: wherever the held token belongs, and readers get the error', async () => {
    const machine = minting();
    await machine.fails({ class: 'rejected', status: 404 });
    expect(machine.state).toBe('stale');
    expect(machine.said('reads.failed')).toMatchObject([{ readers: 'all', failure: { status: 404 } }]);
    expect(machine.context.status).toBe('ok');
    const early = holding();
    early.tick(5_000);
    early.force();
    await early.fails({ class: 'rejected', status: 404 });
    expect(early.state).toBe('fresh');
  });

  it.each([
    ['T14 gone', 'gone', 'other', 'signed-out', 'session_gone'],
    ['T14 nobody to ask, and a code on the list', 'nobody', 'invalid_grant', 'signed-out', 'credential_refused'],
    ['T15 nobody to ask, and another code', 'nobody', 'other', 'stale', undefined],
    ['T15 active, whatever the code', 'active', 'invalid_grant', 'stale', undefined],
    ['T15 unknown', 'unknown', 'invalid_grant', 'outage-fallback.backing-off', undefined],
  ] as const)('T13 %s', async (_, verdict, serverCode, state, reason) => {
    const machine = minting();
    await machine.fails({ class: 'unauthenticated', status: 401, serverCode });
    expect(machine.state).toBe('refreshing.confirming-sign-out');
    await machine.confirms(verdict);
    expect(machine.state).toBe(state);
    expect(machine.said('session.gone').map((one) => one.reason)).toEqual(reason ? [reason] : []);
  });

  it('T30 the token turns expiring and expires: the mint that runs is left running', () => {
    const machine = minting({ policy: { requestTimeoutMs: 60_000 } });
    machine.tick(11_999);
    expect([machine.state, machine.serving]).toEqual(['refreshing.minting', true]);
    machine.tick(1);
    expect([machine.state, machine.serving]).toEqual(['refreshing.minting', false]);
    machine.tick(10_000);
    expect(machine.state).toBe('refreshing.minting');
    expect(machine.asked).toHaveLength(1);
  });

  it('T25 forced while it runs: one follow-up; forced before it started: none', async () => {
    const machine = minting();
    machine.force();
    machine.force();
    machine.tick(500);
    await machine.mints();
    expect(machine.state).toBe('refreshing.spacing');
    machine.tick(500);
    expect(machine.asked).toHaveLength(2);
    await machine.mints();
    expect(machine.state).toBe('fresh');
    expect(machine.context.forcedAfter).toBeNull();
  });
});

describe('from outage-fallback', () => {
  const backingOff = async (more: Parameters<typeof createMachine>[0] = {}) => {
    const machine = createMachine(more);
    await machine.fails({ class: 'transient', status: 503 });
    expect(machine.state).toBe('outage-fallback.backing-off');
    return machine;
  };

  it('T17 not before the pause is over', async () => {
    const machine = await backingOff();
    machine.tick(2_999);
    expect(machine.asked).toHaveLength(1);
    machine.tick(1);
    expect(machine.asked).toMatchObject([{ attempt: 1 }, { attempt: 2, cause: 'retry' }]);
  });

  it('T18 after the retries of the policy, and not before', async () => {
    const machine = await backingOff({ policy: { retries: 1 } });
    machine.tick(3_000);
    await machine.fails({ class: 'transient', status: 503 });
    expect(machine.state).toBe('outage-fallback.probing');
    expect(machine.said('reads.failed')).toMatchObject([{ readers: 'all', failure: { status: 503 } }]);
    machine.read(true);
    expect(machine.said('reads.failed')).toHaveLength(2);
  });

  it('T16 minted with the last token: fresh, and marked', async () => {
    const machine = holding();
    machine.tick(43_000);
    await machine.fails({ class: 'expired-token-required', status: 422 });
    await machine.mints();
    expect(machine.state).toBe('fresh');
    expect(machine.context).toMatchObject({ outage: { marked: true }, status: 'degraded' });
    expect(machine.said('outage.noticed')).toMatchObject([{ marked: true }]);
  });

  it('T19 the network is lost; while it is there, it is not left for that', async () => {
    const machine = await backingOff();
    machine.tick(100);
    expect(machine.state).toBe('outage-fallback.backing-off');
    machine.tick(100, { online: false });
    expect(machine.state).toBe('offline-retrying.waiting');
    expect(machine.context.status).toBe('offline');
  });

  it('T20 back within the pause: its rest; after it: a mint', async () => {
    const within = await backingOff();
    within.tick(500, { online: false });
    within.tick(500, { online: true });
    expect(within.state).toBe('outage-fallback.backing-off');
    expect(within.context.status).toBe('degraded');
    within.tick(1_999);
    expect(within.asked).toHaveLength(1);
    within.tick(1);
    expect(within.asked).toHaveLength(2);
    const after = await backingOff();
    after.tick(500, { online: false });
    after.tick(3_000, { online: true });
    expect(after.asked).toMatchObject([{}, { cause: 'online' }]);
  });
});

describe('from offline-retrying', () => {
  it('T20 T24 before the stale point, and somebody forces: a request all the same', () => {
    const machine = holding();
    machine.tick(2_000, { online: false });
    machine.force();
    expect(machine.state).toBe('offline-retrying.waiting');
    machine.tick(1_000, { online: true });
    expect(machine.asked).toMatchObject([{ cause: 'online' }]);
  });

  it('T20 after the stale point: a request', () => {
    const machine = holding();
    machine.tick(43_000, { online: false });
    expect(machine.state).toBe('offline-retrying.waiting');
    machine.tick(1_000, { online: true });
    expect(machine.state).toBe('refreshing.minting');
  });

  it('T21 no request however long it lasts', () => {
    const machine = createMachine({ online: false });
    for (let second = 0; second < 100; second += 1) machine.tick(1_000, { woke: second % 3 === 0 });
    machine.read(true);
    machine.force();
    expect(machine.asked).toEqual([]);
    expect(machine.state).toMatch(/^offline-retrying/);
  });
});

describe('from any state', () => {
  it('T27 T28 R8.8 the session ends: signed out, whatever runs; and another begins', async () => {
    const machine = holding();
    machine.tick(43_000);
    machine.actor.send({ type: 'session.ended' });
    expect(machine.state).toBe('signed-out');
    expect(machine.context.held).toBeNull();
    await machine.mints();
    machine.tick(60_000, { woke: true });
    machine.read(true);
    machine.force();
    expect(machine.state).toBe('signed-out');
    expect(machine.asked).toHaveLength(1);
    machine.actor.send({ type: 'session.given', token: null });
    expect(machine.state).toMatch(/^(restoring|refreshing)/);
  });
});
