/** What a session passes on among its keys, and the questions that it asks for all of them (§3, §5, §9). */
import { describe, expect, it } from 'vitest';
import { keyId } from '../../machines/key';
import { localClock, sharedClock } from '../../machines/server-time';
import { createSession, signedIn } from './session-support';
import { facts, sinceStart, startMs } from './support';

const key = { sessionId: 'sess_1' };
const api = { ...key, template: 'api' };
const clock = { ...localClock, offsetMs: 700, evidence: 'date' } as const;
const retryAfter = { since: sinceStart(0), ms: 60_000, kind: 'retry-after' } as const;

/** The session token, and one of a template. */
const two = (more: Parameters<typeof createSession>[0] = {}) => {
  const machine = signedIn(facts(), more);
  machine.send({ type: 'key.opened', key: api });
  return machine;
};
const both = (machine: ReturnType<typeof two>) =>
  [machine.tokenOf(key)?.context, machine.tokenOf(api)?.context] as const;

describe('a key', () => {
  it('R7.6 gets a machine when it is read for the first time, if it is of this session', () => {
    const machine = two({ sharing: { turns: true, peers: true }, credential: { kind: 'rotating', reuseGraceMs: 5 } });
    expect(machine.keys).toEqual([keyId(key), keyId(api)].sort());
    expect(machine.tokenOf(api)?.context).toMatchObject({
      active: false,
      held: null,
      unexplored: true,
      sharing: { turns: true, peers: true },
      credential: { kind: 'rotating', reuseGraceMs: 5 },
      policy: { jitter: 0 },
    });
    const before = machine.tokenOf(api);
    machine.send({ type: 'key.opened', key: api });
    expect(machine.tokenOf(api)).toBe(before);
    machine.send({ type: 'key.opened', key: { sessionId: 'sess_2' } });
    expect(machine.keys).toHaveLength(2);
  });

  it('R5.8 R6.2 R9.1 starts from what the others know', () => {
    const machine = signedIn(facts());
    machine.send({ type: 'clock.learned', clock, by: keyId(key) });
    machine.send({ type: 'outage.noticed', marked: true, by: keyId(key) });
    machine.send({ type: 'floor.raised', pause: retryAfter, by: keyId(key) });
    machine.send({ type: 'key.opened', key: api });
    expect(machine.tokenOf(api)?.context).toMatchObject({ clock, pause: retryAfter, outage: { marked: true } });
  });
});

describe('what one key found', () => {
  it('R5.8 S10 a wait is cut short by no other: a key that comes later keeps to the longer one as well', () => {
    const shorter = { ...retryAfter, ms: 10_000 };
    const told = signedIn(facts());
    told.send({ type: 'floor.raised', pause: retryAfter, by: keyId(key) });
    told.send({ type: 'floor.raised', pause: shorter, by: keyId(key) });
    const read = signedIn(facts());
    read.send({ type: 'record.read', remembered: { epoch: 0, pause: retryAfter } });
    read.send({ type: 'record.read', remembered: { epoch: 0, pause: shorter } });
    for (const machine of [told, read]) {
      machine.send({ type: 'key.opened', key: api });
      expect(machine.context.pause).toEqual(retryAfter);
      expect(machine.tokenOf(api)?.context.pause).toEqual(retryAfter);
      // What is over cuts nothing off either.
      machine.tick(55_000);
      const next = { ...shorter, since: sinceStart(55_000) };
      machine.send({ type: 'floor.raised', pause: next, by: keyId(key) });
      expect(machine.context.pause).toEqual(next);
    }
  });

  it('R9.1 the time, R6.2 an outage, R5.8 a wait: told to the others, and not to itself', () => {
    const machine = two();
    machine.send({ type: 'clock.learned', clock, by: keyId(api) });
    machine.send({ type: 'outage.noticed', marked: true, by: keyId(api) });
    machine.send({ type: 'floor.raised', pause: retryAfter, by: keyId(api) });
    const [own, other] = both(machine);
    expect(own).toMatchObject({ clock, outage: { marked: true }, pause: retryAfter });
    expect(other).toMatchObject({ clock: localClock, outage: { marked: false }, pause: null });
    expect(machine.context).toMatchObject({ clock, outageMarked: true, pause: retryAfter });
  });

  it('R9.15 R9.14 a look at the clock reaches all, and a clock that was set back moves the estimate', () => {
    const machine = two();
    const now = { wallMs: startMs - 57_000, monotonicMs: 3_000 };
    machine.tick(0, { now });
    for (const context of both(machine)) expect(context).toMatchObject({ seen: { now }, clock: { offsetMs: 60_000 } });
    expect(machine.context.clock.offsetMs).toBe(60_000);
  });
});

describe('what the record says', () => {
  it('R5.28 R9.11 R10.10 every key hears of it', () => {
    const machine = two();
    machine.send({
      type: 'record.read',
      remembered: { epoch: 2, signInEpoch: 1, clockOffsetMs: 700, pause: retryAfter, outage: true, rejected: ['x'] },
    });
    for (const context of both(machine))
      expect(context).toMatchObject({
        clock: { offsetMs: 700, evidence: 'shared' },
        pause: retryAfter,
        outage: { marked: true },
        rejected: ['x'],
      });
    expect(machine.context).toMatchObject({ epoch: 2, signInEpoch: 1, rejected: ['x'], answerLost: false });
  });

  it('R10.10 what says nothing changes nothing, and a lower epoch does not count', () => {
    const machine = two({ signInEpoch: 3 });
    machine.send({ type: 'record.read', remembered: { epoch: 5, outage: true, rejected: ['x'], pause: retryAfter } });
    const before = both(machine);
    const { context } = machine;
    machine.send({ type: 'record.read', remembered: { epoch: 4, signInEpoch: 2 } });
    expect(both(machine)).toEqual(before);
    expect(machine.context).toEqual(context);
    machine.send({ type: 'record.read', remembered: { epoch: 5, outage: false } });
    expect(machine.tokenOf(key)?.context.outage.marked).toBe(false);
    expect(machine.context.outageMarked).toBe(false);
  });

  it('R9.11 the time that was learned here goes before what is on record', () => {
    const machine = two();
    machine.send({ type: 'clock.learned', clock, by: 'nobody' });
    machine.send({ type: 'record.read', remembered: { epoch: 0, clockOffsetMs: 9_000 } });
    expect(machine.context.clock).toEqual(clock);
    for (const context of both(machine)) expect(context?.clock).toEqual(clock);
  });

  it('R9.12 S4 what another tab said since goes before what is on record of an earlier token', () => {
    const machine = two();
    const said = sharedClock(-700, startMs);
    machine.send({ type: 'clock.learned', clock: said, by: 'nobody' });
    machine.send({ type: 'record.read', remembered: { epoch: 0, clockOffsetMs: -9_000, issuedAt: startMs - 1_000 } });
    expect(machine.context.clock).toEqual(said);
    for (const context of both(machine)) expect(context?.clock).toEqual(said);
    machine.send({ type: 'record.read', remembered: { epoch: 0, clockOffsetMs: -8_000, issuedAt: startMs + 1_000 } });
    for (const context of both(machine)) expect(context?.clock).toEqual(sharedClock(-8_000, startMs + 1_000));
  });

  it('R8.15 R9.11 is remembered too where nobody is signed in', () => {
    const machine = createSession({ session: null });
    machine.tick();
    machine.send({ type: 'record.read', remembered: { epoch: 8, clockOffsetMs: 700 } });
    expect(machine.context).toMatchObject({ epoch: 8, clock: { offsetMs: 700 } });
  });
});

describe('the session is in doubt', () => {
  const confirmation = ({ actor }: ReturnType<typeof two>) => actor.getSnapshot().value;

  it('T13 the source is asked once for all keys, and all hear the answer', async () => {
    const machine = two();
    machine.send({ type: 'session.doubted' });
    machine.send({ type: 'session.doubted' });
    expect(machine.checks).toStrictEqual([{ sessionId: 'sess_1' }]);
    expect(confirmation(machine)).toMatchObject({ 'signed-in': { confirmation: 'checking' } });
    await machine.checked('active');
    expect(machine.said('session.checked')).toStrictEqual([{ type: 'session.checked', verdict: 'active' }]);
    machine.send({ type: 'session.doubted' });
    expect(machine.checks).toHaveLength(2);
  });

  it('T15 the question fails, or is not answered within 10 s: unknown', async () => {
    const machine = two();
    machine.send({ type: 'session.doubted' });
    await machine.checkBreaks();
    machine.send({ type: 'session.doubted' });
    machine.passes(9_999);
    expect(machine.said('session.checked')).toHaveLength(1);
    machine.passes(1);
    expect(machine.said('session.checked')).toStrictEqual([
      { type: 'session.checked', verdict: 'unknown' },
      { type: 'session.checked', verdict: 'unknown' },
    ]);
    expect(confirmation(machine)).toMatchObject({ 'signed-in': { confirmation: 'settled' } });
  });
});

describe('the heart', () => {
  const beats = (machine: ReturnType<typeof two>) => machine.said('heart.beat').length;

  it('R9.18 beats every 1.5 s with the focus, every 5 s without, and not where there is no page', () => {
    const focused = signedIn(facts());
    focused.passes(4_499);
    expect(beats(focused)).toBe(2);
    focused.passes(1);
    expect(beats(focused)).toBe(3);
    const visible = signedIn(facts(), { seen: { presence: 'visible' } });
    visible.passes(9_999);
    expect(beats(visible)).toBe(1);
    const headless = signedIn(facts(), { seen: { presence: 'headless' } });
    headless.passes(20_000);
    expect(beats(headless)).toBe(0);
    headless.tick(0, { presence: 'hidden' });
    headless.passes(5_000);
    expect(beats(headless)).toBe(1);
    headless.tick(0, { presence: 'headless' });
    headless.passes(20_000);
    expect(beats(headless)).toBe(1);
  });
});
