/** Waiting, reading and what others say, on the machine alone, with its timers (§3, §4, §9). */
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { Pause } from '../../machines/schedule';
import { localClock } from '../../machines/server-time';
import { tokenMachine } from '../../machines/token/machine';
import { createMachine, facts, sinceStart, startMs } from './support';

type More = Parameters<typeof createMachine>[0];
const holding = (ageMs = 0, more: More = {}) => createMachine({ token: facts(ageMs), ...more });
const pause = (ms: number, kind: Pause['kind'] = 'retry-after'): Pause => ({ since: sinceStart(0), ms, kind });
const floor = (ms: number) => ({ type: 'floor.raised', pause: pause(ms) }) as const;
const clockAt = (offsetMs: number) => ({ ...localClock, offsetMs, evidence: 'date' }) as const;
const corrected = (offsetMs: number) => ({ type: 'clock.corrected', clock: clockAt(offsetMs) }) as const;

describe('timers', () => {
  it('T5 T6 the stale point by itself', () => {
    const machine = holding();
    machine.passes(42_999);
    expect(machine.state).toBe('fresh');
    machine.passes(1);
    expect(machine.asked).toHaveLength(1);
  });

  it('R9.16 a token of thirty days: the timer is armed again and again', () => {
    const day = 86_400_000;
    const machine = createMachine({ token: facts(0, 30 * day) });
    machine.passes(30 * day - 17_001);
    expect(machine.state).toBe('fresh');
    machine.passes(1);
    expect(machine.state).toBe('refreshing.minting');
  });

  it('R9.1 the stale point moves with a corrected clock, in both directions', () => {
    const behind = holding();
    behind.actor.send(corrected(10_000));
    behind.passes(32_999);
    expect(behind.state).toBe('fresh');
    behind.passes(1);
    expect(behind.state).toBe('refreshing.minting');
    const ahead = holding(44_000, { active: false });
    expect(ahead.state).toBe('stale');
    ahead.actor.send(corrected(-10_000));
    expect(ahead.state).toBe('fresh');
    expect(ahead.context.clock.offsetMs).toBe(-10_000);
    ahead.passes(8_999);
    expect(ahead.state).toBe('fresh');
    ahead.passes(1);
    expect(ahead.state).toBe('stale');
  });

  it('T30 R9.1 serving ends at the cutoff, and begins again with a corrected clock', () => {
    const machine = holding(0, { active: false });
    machine.passes(54_999);
    expect(machine.serving).toBe(true);
    machine.passes(1);
    expect([machine.state, machine.serving]).toEqual(['stale', false]);
    expect(machine.actor.getSnapshot().hasTag('waiting')).toBe(true);
    const minting = holding();
    minting.tick(55_000);
    expect([minting.state, minting.serving]).toEqual(['refreshing.minting', false]);
    minting.actor.send(corrected(-10_000));
    expect([minting.state, minting.serving]).toEqual(['refreshing.minting', true]);
    expect(minting.asked).toHaveLength(1);
  });

  it('T30 R4.6 R9.1 where the mint has failed it serves up to its end', async () => {
    const machine = holding();
    machine.tick(56_000);
    await machine.fails({ class: 'rate-limited', retryAfterMs: 60_000 });
    expect([machine.state, machine.serving]).toEqual(['outage-fallback.backing-off', true]);
    machine.passes(3_999);
    expect(machine.serving).toBe(true);
    machine.passes(1);
    expect(machine.serving).toBe(false);
    expect(machine.actor.getSnapshot().hasTag('waiting')).toBe(true);
    machine.actor.send(corrected(-10_000));
    expect(machine.serving).toBe(true);
    machine.passes(9_999);
    expect(machine.serving).toBe(true);
    machine.passes(1);
    expect(machine.serving).toBe(false);
  });
});

describe('restoring', () => {
  const restoring = (more: More = {}) => createMachine({ token: undefined as never, ...more });

  it('R4.11 T25 reads wait, and one that is forced waits for a mint of its own', async () => {
    const plain = restoring();
    plain.read(true);
    expect(plain.context).toMatchObject({ wanted: true, readSinceMint: true, forcedAfter: null });
    await plain.recalls(facts());
    expect(plain.state).toBe('fresh');
    const forced = restoring();
    forced.force();
    expect(forced.context).toMatchObject({ wanted: false, forcedAfter: 0 });
    await forced.recalls(facts());
    expect(forced.asked).toMatchObject([{ cause: 'forced' }]);
  });

  it('T3 R8.5 the cache cannot be read: it goes on without', async () => {
    const machine = restoring();
    await machine.breaks('recall');
    expect(machine.asked).toMatchObject([{ cause: 'restore' }]);
  });

  it('T3 R5.8 nothing usable found, and a `Retry-After` that is not over', async () => {
    const machine = restoring({ pause: pause(9_000) });
    const old = facts(58_000);
    await machine.recalls(old);
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.context.held).toBe(old);
    machine.passes(8_999);
    expect(machine.asked).toEqual([]);
    machine.passes(1);
    expect(machine.asked).toHaveLength(1);
  });

  it('R7.10 T3 one that an API refused is not served', async () => {
    const machine = restoring({ rejected: ['bad'] });
    await machine.recalls(facts(0, 60_000, { fingerprint: 'bad' }));
    expect(machine.state).toBe('refreshing.minting');
  });
});

describe('reads', () => {
  it('R4.2 T6 of a fresh token: nothing follows but that it is worth keeping alive', () => {
    const machine = holding(0, { active: false });
    machine.read(false);
    expect(machine.state).toBe('fresh');
    expect(machine.context).toMatchObject({ readSinceMint: true, wanted: false });
    machine.passes(43_000);
    expect(machine.asked).toMatchObject([{ cause: 'proactive' }]);
  });

  it('T24 forced in the floor after a mint: one second after it', async () => {
    const machine = createMachine();
    await machine.mints();
    machine.tick(400);
    machine.force();
    expect(machine.state).toBe('refreshing.spacing');
    machine.passes(599);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toMatchObject([{}, { cause: 'forced' }]);
  });

  it('T25 R5.8 forced where the server asked to be left alone: the last error, in every state', async () => {
    const fresh = holding();
    fresh.actor.send(floor(60_000));
    fresh.force();
    expect(fresh.said('reads.failed')).toMatchObject([{ readers: 'forced', failure: { class: 'rate-limited' } }]);
    expect(fresh.context.forcedAfter).toBeNull();
    const stale = holding(44_000, { active: false });
    stale.actor.send(floor(60_000));
    stale.force();
    expect(stale.said('reads.failed')).toHaveLength(1);
    const backing = createMachine();
    await backing.fails({ class: 'rate-limited', retryAfterMs: 60_000 });
    backing.force();
    expect(backing.said('reads.failed')).toHaveLength(1);
    expect([fresh.asked.length, stale.asked.length, backing.asked.length]).toEqual([0, 0, 1]);
  });

  it('T25 forced before the server asked to be left alone: the error at once, too', async () => {
    const machine = createMachine();
    machine.force();
    machine.read(true);
    await machine.fails({ class: 'rate-limited', retryAfterMs: 60_000 });
    expect(machine.said('reads.failed')).toMatchObject([{ readers: 'forced', failure: { class: 'rate-limited' } }]);
    expect(machine.context).toMatchObject({ forcedAfter: null, wanted: true });
  });

  it.each(['of this key', 'of another key', 'of another key, before'])(
    'S10 R5.8 T23 a `Retry-After` %s is not lifted with the longer backoff by a peer’s token',
    async (whose) => {
      const machine = createMachine();
      const wish = { type: 'floor.raised', pause: { ...pause(2_000), since: sinceStart(3_000) } } as const;
      await machine.fails({ class: 'transient' });
      machine.passes(3_000);
      if (whose === 'of another key, before') machine.actor.send(wish);
      await machine.fails({ class: 'transient', ...(whose === 'of this key' && { retryAfterMs: 2_000 }) });
      if (whose === 'of another key') machine.actor.send(wish);
      expect(machine.context.pause).toMatchObject({ ms: 4_650, kind: 'backoff' });
      machine.actor.send({ type: 'peer.token', token: facts(39_000), clock: null });
      expect([machine.context.pause?.kind, machine.asked.length]).toEqual(['retry-after', 2]);
      // The stale point of that token is before the end of it.
      machine.passes(1_999);
      expect(machine.asked).toHaveLength(2);
      machine.passes(1);
      expect(machine.asked).toHaveLength(3);
    },
  );

  it.each(['fresh', 'stale'])(
    'T25 R5.8 forced during a mint, and another key is told to wait: the error with the answer, in %s',
    async (state) => {
      const machine = holding(0, { active: state === 'fresh' });
      machine.tick(43_000);
      machine.read();
      machine.force();
      machine.actor.send({ type: 'floor.raised', pause: { ...pause(60_000), since: sinceStart(43_000) } });
      expect([machine.asked.length, machine.said('reads.failed').length]).toEqual([1, 0]);
      await machine.mints(state === 'fresh' ? {} : { ...machine.context.held });
      expect([machine.state, machine.context.forcedAfter]).toEqual([state, null]);
      expect(machine.said('reads.failed')).toMatchObject([{ readers: 'forced', failure: { class: 'rate-limited' } }]);
      machine.passes(59_999);
      expect(machine.asked).toHaveLength(1);
    },
  );

  it('R4.5 T25 in a backoff all join the loop, and none hastens it', async () => {
    const machine = createMachine();
    await machine.fails({ class: 'transient' });
    machine.read(true);
    machine.force();
    expect(machine.context).toMatchObject({ wanted: true, forcedAfter: 1 });
    expect(machine.said('reads.failed')).toEqual([]);
    machine.passes(2_999);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toHaveLength(2);
  });

  it('T8 in a pause a read is noted, and does not hasten the next try', async () => {
    const machine = holding();
    machine.tick(43_000);
    await machine.mints({ ...machine.context.held });
    expect(machine.state).toBe('stale');
    machine.read(false);
    expect(machine.context.readSinceMint).toBe(true);
    expect(machine.asked).toHaveLength(1);
    machine.passes(3_000);
    expect(machine.asked).toHaveLength(2);
  });

  it('T12 T6 after a refusal who waits is told at once, and has read all the same', async () => {
    const machine = holding(0);
    machine.tick(56_000);
    await machine.fails({ class: 'rejected', status: 404 });
    expect(machine.context.readSinceMint).toBe(false);
    machine.read(true);
    expect([machine.state, machine.said('reads.failed').length]).toEqual(['stale', 2]);
    expect(machine.context).toMatchObject({ readSinceMint: true, wanted: false });
  });

  it('T12 R4.4 after a refusal a read that is served hears nothing of it', async () => {
    const machine = holding();
    machine.tick(43_000);
    await machine.fails({ class: 'rejected', status: 404 });
    expect(machine.said('reads.failed')).toHaveLength(1);
    machine.read(false);
    expect(machine.said('reads.failed')).toHaveLength(1);
  });

  it('T6 T8 who waits in a pause gets a mint at its end, also for a key that is not kept alive', async () => {
    const machine = holding(0, { active: false });
    machine.tick(43_000);
    machine.force();
    await machine.mints({ ...machine.context.held });
    machine.read(true);
    machine.passes(3_000);
    expect(machine.asked).toMatchObject([{ cause: 'forced' }, { cause: 'read' }]);
  });

  it('R4.3 in stale a read starts the refresh and is served', () => {
    const machine = holding(44_000, { active: false });
    machine.read(false);
    expect(machine.asked).toMatchObject([{ cause: 'read' }]);
    expect(machine.context).toMatchObject({ readSinceMint: true, wanted: false });
  });

  it('T18 with the budget spent who waits, and who insists, is told at once', async () => {
    const machine = createMachine({ policy: { retries: 0 } });
    await machine.fails({ class: 'transient', status: 503 });
    expect(machine.state).toBe('outage-fallback.probing');
    expect(machine.actor.getSnapshot().hasTag('failing')).toBe(true);
    machine.read(false);
    expect(machine.said('reads.failed')).toHaveLength(1);
    machine.force();
    machine.read(true);
    expect(machine.said('reads.failed')).toMatchObject([
      {},
      { readers: 'all', failure: { status: 503 } },
      { readers: 'all' },
    ]);
    expect(machine.context).toMatchObject({ wanted: false, forcedAfter: null });
    machine.passes(49_999);
    expect(machine.asked).toHaveLength(1);
    machine.passes(1);
    expect(machine.asked).toMatchObject([{}, { cause: 'probe' }]);
  });
});

it.each(['read', 'force'] as const)('T18 T6 who is told at once by a %s has read all the same', async (how) => {
  const machine = createMachine({ active: false, policy: { retries: 0 } });
  await machine.fails({ class: 'transient', status: 503 });
  expect([machine.state, machine.context.readSinceMint]).toEqual(['outage-fallback.probing', false]);
  machine[how](true);
  expect(machine.said('reads.failed')).toHaveLength(2);
  expect(machine.context.readSinceMint).toBe(true);
});

describe('a wake', () => {
  it('T26 R9.20 refreshes what is stale, spread by up to half a second; nothing inside a pause', () => {
    const machine = holding(44_000, { active: false, policy: { jitter: 1 } });
    machine.tick(100, { woke: true, roll: 1 });
    machine.passes(499);
    expect(machine.asked).toEqual([]);
    machine.passes(1);
    expect(machine.asked).toMatchObject([{ cause: 'wake' }]);
    const pausing = holding(44_000, { active: false });
    pausing.actor.send(floor(60_000));
    pausing.tick(100, { woke: true });
    expect(pausing.asked).toEqual([]);
  });

  it('R9.20 a refresh that is late by itself is spread as well, one in time is not', () => {
    const late = holding(0, { policy: { jitter: 1 } });
    late.tick(48_001, { roll: 1 });
    expect(late.state).toBe('refreshing.spacing');
    const inTime = holding(0, { policy: { jitter: 1 } });
    inTime.tick(48_000, { roll: 1 });
    expect(inTime.state).toBe('refreshing.minting');
  });

  it('R9.21 slept past the next try, and nobody looks: left to the next read or wake', async () => {
    const machine = createMachine({ presence: 'hidden' });
    await machine.fails({ class: 'transient' });
    machine.tick(8_001);
    expect(machine.state).toBe('refreshing.minting');
    const old = holding(59_000, { presence: 'hidden' });
    await old.fails({ class: 'transient' });
    old.tick(30_000);
    expect(old.state).toBe('stale');
    expect(old.asked).toHaveLength(1);
    old.tick(1, { woke: true, presence: 'visible' });
    expect(old.asked).toHaveLength(2);
  });

  it('R10.8 a tab without focus leaves the refresh to the focused one for 2 s', () => {
    const machine = holding(0, { presence: 'visible', sharing: { turns: false, peers: true } });
    machine.tick(43_000);
    expect(machine.state).toBe('refreshing.spacing');
    machine.passes(1_999);
    expect(machine.asked).toEqual([]);
    machine.passes(1);
    expect(machine.asked).toHaveLength(1);
  });
});

describe('what others say', () => {
  it('R7.10 T24 an API refused the held token: another is minted, and nobody gets it', () => {
    const machine = holding();
    const fingerprint = machine.context.held?.fingerprint ?? '';
    machine.actor.send({ type: 'token.rejected', fingerprint: 'another' });
    expect(machine.state).toBe('fresh');
    expect(machine.context.rejected).toEqual(['another']);
    machine.actor.send({ type: 'token.rejected', fingerprint });
    expect(machine.asked).toMatchObject([{ cause: 'rejected' }]);
    expect(machine.serving).toBe(false);
    expect(machine.context.rejected).toEqual(['another', fingerprint]);
  });

  it('R7.10 in stale as well: withheld from then on', () => {
    const machine = holding(44_000, { active: false });
    expect(machine.serving).toBe(true);
    machine.actor.send({ type: 'token.rejected', fingerprint: machine.context.held?.fingerprint ?? '' });
    expect([machine.state, machine.serving]).toEqual(['stale', false]);
    machine.actor.send({ type: 'token.rejected', fingerprint: 'another' });
    expect(machine.context.rejected).toHaveLength(2);
    expect(machine.context.cause).toBe('rejected');
  });

  it('R7.10 T8 in stale, and a pause that is over says nothing any more', () => {
    const machine = holding(44_000, { active: false, pause: pause(1_000) });
    machine.tick(2_000);
    expect(machine.context.pause).toEqual(pause(1_000));
    machine.actor.send({ type: 'token.rejected', fingerprint: machine.context.held?.fingerprint ?? '' });
    expect([machine.state, machine.serving, machine.context.pause]).toEqual(['stale', false, null]);
  });

  it('R7.10 where nothing is held it is remembered', async () => {
    const machine = createMachine();
    await machine.fails({ class: 'rejected', status: 404 });
    machine.actor.send({ type: 'token.rejected', fingerprint: 'another' });
    expect([machine.state, machine.context.rejected]).toEqual(['stale', ['another']]);
  });

  it('T16 another key met an outage, or its end', () => {
    const machine = holding();
    machine.actor.send({ type: 'outage.noticed', marked: true });
    expect(machine.context).toMatchObject({ status: 'degraded', outage: { marked: true } });
    machine.actor.send({ type: 'outage.noticed', marked: false });
    expect(machine.context).toMatchObject({ status: 'ok', outage: { marked: false } });
  });

  it('R7.13 T6 the key becomes the active one: kept alive without being read', () => {
    const machine = holding(0, { active: false });
    machine.actor.send({ type: 'key.activated', active: true });
    expect(machine.context.active).toBe(true);
    machine.tick(43_000);
    expect(machine.asked).toHaveLength(1);
    const other = holding();
    other.actor.send({ type: 'key.activated', active: false });
    other.tick(43_000);
    expect(other.asked).toEqual([]);
  });

  it('T23 a fresher token of another tab, wherever it comes; one that is no better is dropped', () => {
    const machine = holding(44_000, { active: false });
    const { held } = machine.context;
    machine.actor.send({ type: 'peer.token', token: facts(50_000), clock: null });
    expect([machine.state, machine.context.held]).toEqual(['stale', held]);
    const token = facts(0);
    machine.actor.send({ type: 'peer.token', token, clock: clockAt(700) });
    expect([machine.state, machine.context.held]).toEqual(['fresh', token]);
    expect(machine.said('clock.learned')).toMatchObject([{ clock: { offsetMs: 700 } }]);
    machine.actor.send({ type: 'peer.token', token: facts(-1_000), clock: null });
    expect(machine.said('clock.learned')).toHaveLength(1);
  });

  it('T2 T8 a pause that is over says nothing about the next stale point, one that is not goes on', () => {
    const over = holding(0, { active: false, pause: pause(1_000) });
    over.tick(43_000);
    expect(over.context.pause).toBeNull();
    const running = holding(0, { active: false, pause: pause(50_000) });
    running.tick(43_000);
    expect(running.context.pause).toEqual(pause(50_000));
  });
});

it('T4 L1 a machine that nobody provided for waits in a named state', async () => {
  const { seen, key } = createMachine().context;
  const token = createActor(tokenMachine, { input: { key, seen } });
  token.start();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(token.getSnapshot().value).toEqual({ restoring: 'recalling' });
});

describe('signed out', () => {
  it('T27 S7 T23 whatever is still said is dropped, and nothing is remembered', () => {
    const machine = holding(0, { rejected: ['a'] });
    machine.actor.send({ type: 'session.ended' });
    machine.actor.send({ type: 'peer.token', token: facts(), clock: null });
    expect(machine.state).toBe('signed-out');
    expect(machine.context).toMatchObject({ held: null, rejected: [] });
    machine.passes(100_000);
    expect(machine.emitted).toEqual([]);
  });

  it('T28 signed in again with a token: served at once', () => {
    const machine = holding();
    machine.actor.send({ type: 'session.ended' });
    const token = facts(0);
    machine.actor.send({ type: 'session.given', token });
    expect([machine.state, machine.context.held]).toEqual(['fresh', token]);
    expect(machine.asked).toEqual([]);
    machine.tick(1);
    expect(machine.context.held?.expiresAt).toBe(startMs + 60_000);
  });
});
