/** Who is signed in, on the machine alone: start-up, sign-in, switch, sign-out (§3, §8). */
import { describe, expect, it } from 'vitest';
import { keyId } from '../../machines/key';
import { createSession, signedIn } from './session-support';
import { facts, sinceStart, startMs } from './support';

const key = { sessionId: 'sess_1' };
const id = keyId(key);
const retryAfter = { since: sinceStart(0), ms: 60_000, kind: 'retry-after' } as const;

describe('the wall clock is set back', () => {
  const setBack = (machine: ReturnType<typeof createSession>): void =>
    machine.tick(0, { now: { wallMs: startMs + 2_000 - 60_000, monotonicMs: 2_000 } });

  it('R9.14 the offset that was learned follows it, once, and that is told', async () => {
    const machine = createSession();
    machine.tick();
    await machine.restored({ session: { id: 'sess_1' }, remembered: { epoch: 0, clockOffsetMs: 5_000 } });
    machine.tick(2_000);
    expect(machine.said('clock.followed')).toEqual([]);
    setBack(machine);
    expect(machine.said('clock.followed')).toEqual([{ type: 'clock.followed', beforeMs: 5_000, offsetMs: 65_000 }]);
    machine.tick(1_000);
    expect(machine.said('clock.followed')).toHaveLength(1);
  });

  it('R9.14 where nothing was learned of the server there is nothing to tell', () => {
    const machine = signedIn(facts());
    machine.tick(2_000);
    setBack(machine);
    expect(machine.context.clock.offsetMs).toBe(60_000);
    expect(machine.said('clock.followed')).toEqual([]);
  });
});

describe('starting', () => {
  it('R9.15 nothing is judged before the first look at the clock', () => {
    const machine = createSession({ session: { id: 'sess_1' }, token: facts() });
    expect(machine.state).toBe('restoring.starting');
    expect(machine.actor.getSnapshot().hasTag('unknown')).toBe(true);
    machine.tick(5_000);
    expect(machine.state).not.toMatch(/^restoring/);
    expect(machine.context.seen.now).toEqual(sinceStart(5_000));
  });

  it('T1 session and a fresh token came along: nothing is read', () => {
    const token = facts();
    const machine = signedIn(token);
    expect(machine.restores).toEqual([]);
    expect(machine.said('session.signed-in')).toStrictEqual([
      { type: 'session.signed-in', session: { id: 'sess_1' }, epoch: 0, restored: true },
    ]);
    expect(machine.keys).toEqual([id]);
    expect(machine.tokenOf(key)?.value).toBe('fresh');
    expect(machine.tokenOf(key)?.context).toMatchObject({ held: token, active: true });
    expect(machine.context.given).toBeUndefined();
    expect(machine.actor.getSnapshot().hasTag('signed-in')).toBe(true);
  });

  it('T4 one that is past its stale point, or none, or no session: the stores are asked', () => {
    for (const given of [
      { session: { id: 'sess_1' }, token: facts(43_000) },
      { session: { id: 'sess_1' }, token: null },
      { session: { id: 'sess_1' } },
      { token: facts() },
    ]) {
      const machine = createSession(given);
      machine.tick();
      expect(machine.state).toBe('restoring.reading');
      expect(machine.restores).toStrictEqual([{ session: given.session ?? null }]);
    }
  });

  it('T4 the application says that nobody is signed in', () => {
    const machine = createSession({ session: null });
    machine.tick();
    expect(machine.state).toBe('signed-out');
    expect(machine.actor.getSnapshot().hasTag('signed-out')).toBe(true);
    expect(machine.restores).toEqual([]);
    expect(machine.emitted).toEqual([]);
  });
});

describe('reading the stores', () => {
  const reading = (given: Parameters<typeof createSession>[0] = {}) => {
    const machine = createSession(given);
    machine.tick();
    expect(machine.state).toBe('restoring.reading');
    return machine;
  };

  it('T1 T3 a session is found, with its token and what the browser remembers', async () => {
    const machine = reading();
    const token = facts();
    await machine.restored({
      session: { id: 'sess_1' },
      token,
      remembered: {
        epoch: 7,
        signInEpoch: 6,
        clockOffsetMs: 700,
        pause: retryAfter,
        rejected: ['x'],
        answerLost: true,
        outage: true,
      },
    });
    expect(machine.said('session.signed-in')).toMatchObject([{ session: { id: 'sess_1' }, epoch: 7, restored: true }]);
    expect(machine.context).toMatchObject({ epoch: 7, signInEpoch: 6, restoreTries: 0, outageMarked: true });
    expect(machine.tokenOf(key)?.context).toMatchObject({
      held: token,
      clock: { offsetMs: 700, evidence: 'shared' },
      pause: retryAfter,
      rejected: ['x'],
      answerLost: true,
      outage: { marked: true },
      status: 'degraded',
    });
  });

  it('T3 the session that the application names goes before the one that is stored', async () => {
    const machine = reading({ session: { id: 'sess_1' } });
    await machine.restored({ session: { id: 'sess_2' }, token: null, complete: false });
    expect(machine.context.session).toEqual({ id: 'sess_1' });
    expect(machine.keys).toEqual([id]);
    // `null`: there is no token, and none is looked for.
    expect(machine.tokenOf(key)?.value).toMatchObject({ refreshing: { minting: 'waiting' } });
  });

  it('T4 every store has answered, and there is no session: signed out, and nothing was signed out', async () => {
    const machine = reading();
    await machine.restored({ remembered: { epoch: 3 } });
    expect(machine.state).toBe('signed-out');
    expect(machine.context.epoch).toBe(3);
    expect(machine.emitted).toEqual([]);
  });

  it('T4 R8.5 a store cannot be read: that is not nobody; read again on the offline schedule', async () => {
    const machine = reading();
    await machine.restored({ complete: false, remembered: { epoch: 3 } });
    expect(machine.state).toBe('restoring.retrying');
    expect(machine.context.epoch).toBe(3);
    machine.passes(2_999);
    expect(machine.restores).toHaveLength(1);
    machine.passes(1);
    expect(machine.restores).toHaveLength(2);
    await machine.restoreBreaks();
    expect(machine.state).toBe('restoring.retrying');
    machine.passes(4_649);
    expect(machine.restores).toHaveLength(2);
    machine.passes(1);
    expect(machine.restores).toHaveLength(3);
  });

  it('T4 L1 L2 the budget is spent: who waits is told, and it goes on', async () => {
    const machine = reading({ policy: { offlineRetries: 1 } });
    await machine.restoreBreaks();
    expect(machine.said('restore.failed')).toEqual([]);
    machine.passes(3_000);
    await machine.restoreBreaks();
    expect(machine.state).toBe('restoring.exhausted');
    expect(machine.said('restore.failed')).toStrictEqual([{ type: 'restore.failed' }]);
    expect(machine.actor.getSnapshot().hasTag('failing')).toBe(true);
    machine.passes(4_650);
    expect(machine.restores).toHaveLength(3);
    await machine.restored({ session: { id: 'sess_1' } });
    expect(machine.said('session.signed-in')).toHaveLength(1);
    expect(machine.context.restoreTries).toBe(0);
  });

  it('T4 R8.5 reading breaks, but the application says whose session it is', async () => {
    const machine = reading({ session: { id: 'sess_1' } });
    await machine.restoreBreaks();
    expect(machine.said('session.signed-in')).toMatchObject([{ session: { id: 'sess_1' }, restored: true }]);
    expect(machine.tokenOf(key)?.value).toMatchObject({ restoring: 'recalling' });
  });

  it('T28 R8.15 somebody signs in meanwhile: what is read does not count', async () => {
    const machine = reading();
    const token = facts();
    machine.send({ type: 'session.given', session: { id: 'sess_9' }, token });
    expect(machine.said('session.signed-in')).toMatchObject([{ session: { id: 'sess_9' }, epoch: 1, restored: false }]);
    expect(machine.context).toMatchObject({ epoch: 1, signInEpoch: 1 });
    expect(machine.tokenOf({ sessionId: 'sess_9' })?.context.held).toBe(token);
    await machine.restored({ session: { id: 'sess_1' } });
    expect(machine.context.session).toEqual({ id: 'sess_9' });
  });

  it('T29 or switches: the sign-in is that of the browser', () => {
    const machine = reading({ session: { id: 'sess_1' }, signInEpoch: 4 });
    machine.send({ type: 'session.switched', session: { id: 'sess_2' }, token: null });
    expect(machine.said('session.switched')).toStrictEqual([
      { type: 'session.switched', session: { id: 'sess_2' }, previous: { id: 'sess_1' }, epoch: 1 },
    ]);
    expect(machine.said('session.signed-in')).toMatchObject([{ session: { id: 'sess_2' }, epoch: 1, restored: true }]);
    expect(machine.context).toMatchObject({ epoch: 1, signInEpoch: 4 });
    expect(machine.tokenOf({ sessionId: 'sess_2' })?.value).toMatchObject({ restoring: 'recalling' });
  });

  it('T29 with nobody before, the new one is told as the one before', () => {
    const machine = reading();
    machine.send({ type: 'session.switched', session: { id: 'sess_2' }, token: null });
    expect(machine.said('session.switched')).toMatchObject([{ previous: { id: 'sess_2' } }]);
  });

  it('T27 or signs out, here or in another tab', () => {
    const here = reading({ session: { id: 'sess_1' } });
    here.send({ type: 'session.ended', reason: 'user' });
    expect(here.state).toBe('signed-out');
    expect(here.said('session.signed-out')).toStrictEqual([
      { type: 'session.signed-out', session: { id: 'sess_1' }, epoch: 1, reason: 'user' },
    ]);
    expect(here.context).toMatchObject({ session: null, epoch: 1 });
    const there = reading({ session: { id: 'sess_1' }, signInEpoch: 5 });
    there.send({ type: 'peer.signed-out', epoch: 4 });
    expect(there.state).toBe('restoring.reading');
    there.send({ type: 'peer.signed-out', epoch: 5 });
    expect(there.said('session.signed-out')).toMatchObject([{ reason: 'peer', epoch: 1 }]);
    expect([there.state, there.context.session]).toEqual(['signed-out', null]);
  });
});

describe('signing in and out', () => {
  it('T27 R8.8 all keys end in one step, and nothing of the session is left', () => {
    const machine = signedIn(facts());
    machine.send({ type: 'key.opened', key: { ...key, template: 'api' } });
    expect(machine.keys).toHaveLength(2);
    machine.send({ type: 'session.ended', reason: 'session_gone' });
    expect(machine.state).toBe('signed-out');
    expect(machine.said('session.signed-out')).toMatchObject([{ session: { id: 'sess_1' }, reason: 'session_gone' }]);
    expect(machine.keys).toEqual([]);
    expect(Object.keys(machine.actor.getSnapshot().children)).toEqual([]);
    expect(machine.context).toMatchObject({ session: null, given: undefined });
  });

  it('T28 signed in again: a new epoch, above that of the sign-out, and nothing learned before counts', () => {
    const machine = signedIn(facts());
    machine.send({
      type: 'record.read',
      remembered: { epoch: 0, rejected: ['x'], outage: true, pause: retryAfter, answerLost: true },
    });
    machine.send({ type: 'session.ended', reason: 'user' });
    const clean = { outageMarked: false, pause: null, rejected: [], answerLost: false };
    expect(machine.context).toMatchObject({ ...clean, epoch: 1 });
    machine.send({ type: 'session.given', session: { id: 'sess_1' }, token: null });
    expect(machine.said('session.signed-in')[1]).toMatchObject({ epoch: 2, restored: false });
    expect(machine.context).toMatchObject({ ...clean, epoch: 2, signInEpoch: 2 });
    expect(machine.tokenOf(key)?.value).toMatchObject({ restoring: 'recalling' });
  });

  it('T28 somebody else signs in on top: the keys of the one before end', () => {
    const machine = signedIn(facts());
    const token = facts();
    machine.send({ type: 'session.given', session: { id: 'sess_2' }, token });
    expect(machine.keys).toEqual([keyId({ sessionId: 'sess_2' })]);
    expect(machine.tokenOf(key)).toBeUndefined();
    expect(machine.tokenOf({ sessionId: 'sess_2' })?.context.held).toBe(token);
    expect(machine.said('session.signed-in')[1]).toMatchObject({
      session: { id: 'sess_2' },
      epoch: 1,
      restored: false,
    });
    expect(machine.said('session.signed-out')).toEqual([]);
  });

  it('T27 S7 another tab signed out: of this sign-in or a later one, not of one before', () => {
    const machine = signedIn(facts(), { signInEpoch: 5 });
    machine.send({ type: 'peer.signed-out', epoch: 4 });
    expect(machine.keys).toEqual([id]);
    machine.send({ type: 'peer.signed-out', epoch: 5 });
    expect(machine.said('session.signed-out')).toMatchObject([{ session: { id: 'sess_1' }, reason: 'peer' }]);
    expect([machine.state, machine.keys.length, machine.context.session]).toEqual(['signed-out', 0, null]);
    const certain = signedIn(facts(), { signInEpoch: 5 });
    certain.send({ type: 'peer.signed-out', epoch: null });
    expect(certain.state).toBe('signed-out');
  });

  it('T28 S1 nor one that is later by its epoch, but was before this sign-in: where nothing was stored, epochs are each tab’s own', () => {
    const again = () => {
      const machine = signedIn(facts());
      machine.send({ type: 'session.ended', reason: 'user' });
      machine.tick(10_000);
      machine.send({ type: 'session.given', session: { id: 'sess_1' }, token: null });
      return machine;
    };
    const machine = again();
    machine.tick(1_000);
    machine.send({ type: 'peer.signed-out', epoch: 7, at: startMs + 9_999 });
    expect(machine.said('session.signed-out')).toHaveLength(1);
    machine.send({ type: 'peer.signed-out', epoch: 7, at: startMs + 10_000 });
    expect(machine.said('session.signed-out')).toHaveLength(2);
    // A clock that was set back since the sign-in does not make the sign-out an earlier one.
    const setBack = again();
    const backMs = startMs - 3_600_000;
    setBack.tick(0, { now: { wallMs: backMs + 11_000, monotonicMs: 11_000 } });
    setBack.send({ type: 'peer.signed-out', epoch: 7, at: backMs + 10_500 });
    expect(setBack.said('session.signed-out')).toHaveLength(2);
    // Nor does a sleep after that, in which only the wall clock goes on.
    const slept = again();
    slept.tick(0, { now: { wallMs: backMs + 11_000, monotonicMs: 11_000 } });
    slept.tick(0, { now: { wallMs: backMs + 4 * 3_600_000, monotonicMs: 11_100 } });
    slept.send({ type: 'peer.signed-out', epoch: 7, at: backMs + 10_500 });
    expect(slept.said('session.signed-out')).toHaveLength(2);
    // One told before the clock was set back: by the clock of then, if the sign-in was too; by the clock of now it is in the future.
    for (const [afterMs, count] of [
      [-500, 1],
      [500, 2],
    ] as const) {
      const crossed = again();
      crossed.tick(0, { now: { wallMs: backMs + 11_000, monotonicMs: 11_000 } });
      crossed.send({ type: 'peer.signed-out', epoch: 7, at: startMs + 10_000 + afterMs });
      expect(crossed.said('session.signed-out')).toHaveLength(count);
    }
    const since = signedIn(facts());
    since.tick(0, { now: { wallMs: backMs, monotonicMs: 1_000 } });
    since.send({ type: 'session.given', session: { id: 'sess_1' }, token: null });
    since.send({ type: 'peer.signed-out', epoch: 7, at: startMs + 500 });
    expect(since.state).toBe('signed-in');
    // A clock that is only corrected by less than that is no other clock.
    since.send({ type: 'peer.signed-out', epoch: 7, at: backMs + 900 });
    expect(since.state).toBe('signed-out');
    // Found, the session is as late as the page; one that was switched to may have been left long ago.
    const found = signedIn(facts());
    found.tick(1_000);
    found.send({ type: 'peer.signed-out', epoch: 7, at: startMs - 1 });
    expect(found.state).toBe('signed-in');
    found.send({ type: 'session.switched', session: { id: 'sess_2' }, token: null });
    found.send({ type: 'peer.signed-out', epoch: 7, at: startMs - 1 });
    expect(found.state).toBe('signed-out');
  });

  it('S1 T28 nor does one of before a later sign-in that this tab has only read of, whatever epoch it claims', () => {
    const read = { epoch: 9, signInEpoch: 9, signedInAt: startMs + 60_000 };
    const late = (machine: ReturnType<typeof signedIn>, afterMs: number) =>
      machine.send({ type: 'peer.signed-out', epoch: null, at: startMs + 60_000 + afterMs });
    const machine = signedIn(facts(), { signInEpoch: 5 });
    machine.tick(120_000);
    machine.send({ type: 'record.read', remembered: read });
    late(machine, -1);
    expect(machine.state).toBe('signed-in');
    late(machine, 1);
    expect(machine.state).toBe('signed-out');
    // One that it knew of already, or that nobody dated, changes nothing.
    for (const [signInEpoch, remembered] of [
      [9, read],
      [5, { epoch: 9, signInEpoch: 9 }],
      // Dated before somebody set the clock back, it may have been at any time.
      [5, { ...read, signedInAt: startMs + 3_600_000 }],
    ] as const) {
      const other = signedIn(facts(), { signInEpoch });
      other.tick(120_000);
      other.send({ type: 'record.read', remembered });
      late(other, -1);
      expect(other.state).toBe('signed-out');
    }
  });

  it('T27 R8.1 so does the record, where this tab was not listening', () => {
    const machine = signedIn(facts(), { signInEpoch: 5 });
    machine.send({ type: 'record.read', remembered: { epoch: 6, signedOut: 4 } });
    machine.send({ type: 'record.read', remembered: { epoch: 6 } });
    expect(machine.keys).toEqual([id]);
    expect(machine.context.epoch).toBe(6);
    machine.send({ type: 'record.read', remembered: { epoch: 7, signedOut: 5 } });
    expect(machine.said('session.signed-out')).toMatchObject([{ reason: 'peer', epoch: 7 }]);
    expect([machine.state, machine.keys.length, machine.context.session]).toEqual(['signed-out', 0, null]);
  });
});

describe('switching', () => {
  const organization = (organizationId: string | null) => ({ ...key, organizationId });

  it('T29 another organization: its key is the active one, and the old one is not ended', () => {
    const machine = signedIn(facts());
    const session = { id: 'sess_1', organizationId: 'org_1' };
    const token = facts();
    machine.send({ type: 'session.switched', session, token });
    expect(machine.said('session.switched')).toStrictEqual([
      { type: 'session.switched', session, previous: { id: 'sess_1' }, epoch: 1 },
    ]);
    expect(machine.context).toMatchObject({ epoch: 1, signInEpoch: 0, session });
    expect(machine.tokenOf(key)?.context.active).toBe(false);
    expect(machine.tokenOf(organization('org_1'))?.context).toMatchObject({ active: true, held: token });
    expect(machine.said('session.signed-in')).toHaveLength(1);
  });

  it('T29 without a token the new key looks for one; back again the old one goes on', () => {
    const machine = signedIn(facts());
    machine.send({ type: 'session.switched', session: { id: 'sess_1', organizationId: 'org_1' }, token: null });
    expect(machine.tokenOf(organization('org_1'))?.value).toMatchObject({ restoring: 'recalling' });
    const { held } = machine.tokenOf(key)?.context ?? {};
    machine.send({ type: 'session.switched', session: { id: 'sess_1' }, token: null });
    expect(machine.tokenOf(key)?.context).toMatchObject({ active: true, held });
    expect(machine.tokenOf(organization('org_1'))?.context.active).toBe(false);
    expect(machine.keys).toHaveLength(2);
    expect(machine.context.epoch).toBe(2);
  });

  it('T29 to where it is already: nothing but the epoch moves', () => {
    const machine = signedIn(facts());
    machine.send({ type: 'session.switched', session: { id: 'sess_1' }, token: null });
    expect(machine.tokenOf(key)?.context.active).toBe(true);
    expect(machine.keys).toEqual([id]);
    expect(machine.context.epoch).toBe(1);
  });

  it('T29 another session: its keys alone, a new epoch, and the sign-in of before', () => {
    const machine = signedIn(facts(), { signInEpoch: 3 });
    machine.send({ type: 'session.switched', session: { id: 'sess_2' }, token: null });
    expect(machine.keys).toEqual([keyId({ sessionId: 'sess_2' })]);
    expect(machine.tokenOf(key)).toBeUndefined();
    expect(machine.context).toMatchObject({ epoch: 1, signInEpoch: 3 });
    expect(machine.said('session.switched')).toMatchObject([{ previous: { id: 'sess_1' }, epoch: 1 }]);
  });
});
