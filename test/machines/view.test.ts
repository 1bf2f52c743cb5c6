/** What `getState()` says of a key, in every state (§2). */

import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { Seen } from '../../machines/events';
import { validatePolicy } from '../../machines/policy';
import { localClock } from '../../machines/server-time';
import { sessionMachine } from '../../machines/session/machine';
import { blankView, sameView, type TokenView, viewOf } from '../../machines/view';
import { createMachine, facts, startMs } from './support';

const seen: Seen = {
  now: { wallMs: startMs, monotonicMs: 0 },
  online: true,
  presence: 'focused',
  hiddenSince: null,
  roll: 0,
  woke: false,
};

/** A session machine that has looked once; what it reads never comes. */
function sessionOf(session: { id: string; organizationId?: string | null } | null | undefined) {
  const actor = createActor(sessionMachine, {
    clock: { setTimeout: () => 0, clearTimeout: () => {} },
    input: { seen, policy: validatePolicy({ jitter: 0 }), ...(session !== undefined && { session }) },
  });
  actor.start();
  actor.send({ type: 'clock.tick', seen });
  return actor.getSnapshot();
}

const session = sessionOf({ id: 'sess_1' });
type Machine = ReturnType<typeof createMachine>;
const view = ({ actor }: Machine): TokenView => viewOf(session, actor.getSnapshot());
const shown = (machine: Machine) => {
  const { state, substate, status, serving } = view(machine);
  return [state, substate, status, serving];
};

describe('before there is a machine for the key', () => {
  it('T4 unknown is not signed out', () => {
    expect(viewOf(sessionOf(undefined), undefined)).toStrictEqual(blankView);
    expect(blankView).toStrictEqual({
      state: 'restoring',
      substate: null,
      status: 'ok',
      serving: false,
      expiresAt: null,
      staleAt: null,
      fingerprint: null,
      attempt: 0,
      nextAttemptAt: null,
      failure: null,
      sessionId: null,
      organizationId: null,
      clockOffsetMs: 0,
      outage: false,
      epoch: 0,
    });
    expect(Object.isFrozen(blankView)).toBe(true);
  });

  it('T4 nobody is signed out, and somebody has a name already', () => {
    expect(viewOf(sessionOf(null), undefined)).toStrictEqual({ ...blankView, state: 'signed-out' });
    expect(viewOf(sessionOf({ id: 'sess_2', organizationId: 'org_1' }), undefined)).toStrictEqual({
      ...blankView,
      sessionId: 'sess_2',
      organizationId: 'org_1',
    });
  });
});

describe('of a key', () => {
  it('T1 fresh: served, with the ends of the token and its name', () => {
    const token = facts(0, 60_000, { fingerprint: 'abcd1234' });
    const machine = createMachine({ token });
    expect(view(machine)).toStrictEqual({
      ...blankView,
      state: 'fresh',
      serving: true,
      expiresAt: startMs + 60_000,
      staleAt: startMs + 43_000,
      fingerprint: 'abcd1234',
      sessionId: 'sess_1',
    });
  });

  it('R7.6 the key says whose token it is, not the session', () => {
    const machine = createMachine({ key: { sessionId: 'sess_1', organizationId: 'org_9' }, token: facts() });
    expect(view(machine).organizationId).toBe('org_9');
  });

  it('T3 reading the cache, and on from there', async () => {
    const machine = createMachine({ token: undefined as never });
    expect(shown(machine)).toEqual(['restoring', 'recalling', 'ok', false]);
    await machine.recalls(null);
    expect(shown(machine)).toEqual(['refreshing', 'minting', 'ok', false]);
    expect(view(machine).attempt).toBe(1);
  });

  it('T2 T30 stale has no parts, whether readers are served or not', () => {
    const machine = createMachine({ token: facts(43_000), active: false });
    expect(shown(machine)).toEqual(['stale', null, 'ok', true]);
    machine.tick(12_000);
    expect(shown(machine)).toEqual(['stale', null, 'ok', false]);
  });

  it('T10 backing off: what went wrong, how often, and when it tries again', async () => {
    const machine = createMachine();
    expect(view(machine)).toMatchObject({ attempt: 1, nextAttemptAt: null, failure: null });
    machine.tick(500);
    await machine.fails({ class: 'transient', status: 503 });
    expect(shown(machine)).toEqual(['outage-fallback', 'backing-off', 'degraded', false]);
    expect(view(machine)).toMatchObject({
      attempt: 1,
      nextAttemptAt: startMs + 3_000,
      failure: { class: 'transient', status: 503 },
    });
    machine.tick(2_500);
    expect(shown(machine)).toEqual(['refreshing', 'minting', 'degraded', false]);
    expect(view(machine)).toMatchObject({ attempt: 2, nextAttemptAt: null });
  });

  it('T11 handing in the last token is an attempt as well', async () => {
    const machine = createMachine({ token: facts(100_000) });
    await machine.fails({ class: 'expired-token-required', status: 422 });
    expect(shown(machine)).toEqual(['outage-fallback', 'presenting-expired-token', 'degraded', false]);
    expect(view(machine).attempt).toBe(1);
    expect(view(machine).outage).toBe(false);
    await machine.mints();
    expect(view(machine)).toMatchObject({ state: 'fresh', status: 'degraded', outage: true, attempt: 0 });
  });

  it('T9 T21 T22 offline: when it looks again, not when a pause would be over', async () => {
    const machine = createMachine();
    await machine.fails({ class: 'offline' });
    machine.tick(0, { online: false });
    expect(shown(machine)).toEqual(['offline-retrying', 'waiting', 'offline', false]);
    expect(view(machine)).toMatchObject({ attempt: 1, nextAttemptAt: startMs + 3_000, failure: { class: 'offline' } });
  });

  it('T14 T27 signed out: nothing of the token is left', () => {
    const machine = createMachine({ token: facts() });
    machine.actor.send({ type: 'session.ended' });
    expect(view(machine)).toStrictEqual({ ...blankView, state: 'signed-out', sessionId: 'sess_1' });
    // The session has its own word on who that was.
    const ended = viewOf(sessionOf(null), machine.actor.getSnapshot());
    expect(ended).toStrictEqual({ ...blankView, state: 'signed-out' });
  });

  it('R9.1 how far the server is ahead', () => {
    const machine = createMachine({ token: facts() });
    const clock = { ...localClock, offsetMs: 700, evidence: 'date' } as const;
    machine.actor.send({ type: 'clock.corrected', clock });
    expect(view(machine).clockOffsetMs).toBe(700);
  });
});

describe('sameView', () => {
  it('R7.15 two views are the same if nothing that is seen differs', () => {
    expect(sameView(blankView, { ...blankView })).toBe(true);
    const others: Partial<TokenView>[] = [{ state: 'fresh' }, { serving: true }, { epoch: 1 }, { outage: true }];
    for (const other of others) expect(sameView(blankView, { ...blankView, ...other })).toBe(false);
    expect(sameView({ ...blankView, staleAt: Number.NaN }, { ...blankView, staleAt: Number.NaN })).toBe(true);
  });
});
