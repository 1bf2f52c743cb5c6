/** Turns among tabs, and their tokens, on the machine alone (§3, §10). */
import { describe, expect, it } from 'vitest';
import type { TurnOutcome } from '../../machines/events';
import type { Pause } from '../../machines/schedule';
import { localClock } from '../../machines/server-time';
import { createMachine, facts, sinceStart, startMs } from './support';

type More = Parameters<typeof createMachine>[0];
const rotating = { kind: 'rotating', reuseGraceMs: 0 } as const;
const peer = (token = facts(0), clock: typeof localClock | null = null) =>
  ({ type: 'peer.token', token, clock }) as const;

/** One refresh of a token of 60 s is out, 43 s after its start. */
const minting = (more: More = {}) => {
  const machine = createMachine({ token: facts(0), ...more });
  machine.tick(43_000);
  expect(machine.state).toBe('refreshing.minting');
  return machine;
};

describe('a turn among tabs', () => {
  const queueing = (more: More = {}) => {
    const machine = createMachine({ token: facts(0), sharing: { turns: true, peers: true }, ...more });
    machine.tick(43_000);
    expect(machine.state).toBe('refreshing.queueing');
    return machine;
  };
  const granted: TurnOutcome = { is: 'granted', answerLost: false, tries: null, failedStarts: [] };
  const pause = (ms: number, kind: Pause['kind'] = 'backoff'): Pause => ({ since: sinceStart(43_000), ms, kind });
  const tries = (kind: Pause['kind'] = 'backoff') =>
    ({ attempt: 2, failure: { class: 'transient', status: 503 }, pause: pause(5_000, kind) }) as const;

  it('T6 R10.4 granted: a mint', async () => {
    const machine = queueing();
    expect(machine.turns).toStrictEqual([{ key: { sessionId: 'sess_1' }, forced: false }]);
    expect(machine.asked).toEqual([]);
    await machine.takesTurn({ ...granted, answerLost: true, failedStarts: [sinceStart(40_000)] });
    expect(machine.state).toBe('refreshing.minting');
    expect(machine.context).toMatchObject({ answerLost: true, failedStarts: [sinceStart(40_000)] });
  });

  it('R10.4 whoever forced it says so', () => {
    const machine = createMachine({ token: facts(0), sharing: { turns: true, peers: true } });
    machine.force();
    expect(machine.turns).toMatchObject([{ forced: true }]);
  });

  it('T23 another tab has minted: taken over, unless it is no better any more', async () => {
    const machine = queueing();
    const token = facts(-43_000);
    await machine.takesTurn({ is: 'adopted', token, clock: { ...localClock, offsetMs: 700, evidence: 'date' } });
    expect(machine.state).toBe('fresh');
    expect(machine.context).toMatchObject({ held: token, clock: { offsetMs: 700 } });
    expect(machine.said('clock.learned')).toMatchObject([{ clock: { offsetMs: 700 } }]);
    const other = queueing();
    const { held } = other.context;
    await other.takesTurn({ is: 'adopted', token: facts(10_000), clock: null });
    expect(other.context.held).toBe(held);
    // The clock decides anew: still stale, so it queues once more.
    expect(other.turns).toHaveLength(2);
  });

  it('R10.3 S6 refused: put off like a failure, without a request', async () => {
    const machine = queueing();
    await machine.takesTurn({ is: 'refused', failure: { class: 'ambiguous' } });
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.context).toMatchObject({ error: { class: 'ambiguous' }, failedTries: 1, answerLost: true });
    expect(machine.said('mint.failed')).toStrictEqual([
      { type: 'mint.failed', number: 0, attempt: 1, failure: { class: 'ambiguous' } },
    ]);
    expect(machine.asked).toEqual([]);
  });

  it('T10 an actor that breaks: as transient', async () => {
    const machine = queueing();
    await machine.breaks('turn');
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.context.error).toEqual({ class: 'transient' });
  });

  it('R5.28 another tab failed a moment ago: its wait is ours; one that is over does not count', async () => {
    const machine = queueing();
    await machine.takesTurn({ ...granted, tries: tries(), failedStarts: [sinceStart(41_000)] });
    expect(machine.state).toBe('outage-fallback.backing-off');
    expect(machine.context).toMatchObject({
      failedTries: 2,
      error: { status: 503 },
      failedStarts: [sinceStart(41_000)],
    });
    machine.passes(4_999);
    expect(machine.turns).toHaveLength(1);
    machine.passes(1);
    expect(machine.turns).toHaveLength(2);
    await machine.takesTurn({ ...granted, tries: tries() });
    expect(machine.state).toBe('refreshing.minting');
  });

  it('T12 R5.28 another tab was refused a moment ago: the same error, no request', async () => {
    const machine = queueing();
    await machine.takesTurn({ ...granted, tries: tries('decay'), failedStarts: [sinceStart(41_000)] });
    expect(machine.state).toBe('stale');
    expect(machine.said('reads.failed')).toMatchObject([{ readers: 'all', failure: { status: 503 } }]);
    expect(machine.context).toMatchObject({ failedTries: 2, failedStarts: [sinceStart(41_000)] });
    const later = queueing();
    later.tick(5_000);
    await later.takesTurn({ ...granted, tries: tries('decay') });
    expect(later.state).toBe('refreshing.minting');
  });

  it('S9 all tabs together have tried often enough: spaced out', async () => {
    const machine = queueing();
    const failedStarts = [1, 2, 3, 4, 5, 6, 7].map((second) => sinceStart(second * 1_000));
    await machine.takesTurn({ ...granted, failedStarts });
    expect(machine.state).toBe('refreshing.spacing');
    machine.passes(17_999);
    expect(machine.turns).toHaveLength(1);
    machine.passes(1);
    expect(machine.turns).toHaveLength(2);
  });

  it('S10 R5.8 in the queue too nothing is sent offline, or where the server asked to be left alone', () => {
    const offline = queueing();
    offline.tick(10, { online: false });
    expect(offline.state).toBe('offline-retrying.waiting');
    expect(offline.context.error).toEqual({ class: 'offline' });
    const refused = queueing();
    refused.actor.send({ type: 'floor.raised', pause: pause(60_000, 'retry-after') });
    expect(refused.state).toBe('stale');
    const forced = queueing();
    forced.force();
    forced.actor.send({ type: 'floor.raised', pause: pause(60_000, 'retry-after') });
    expect(forced.said('reads.failed')).toMatchObject([{ readers: 'forced', failure: { class: 'rate-limited' } }]);
    expect(forced.context.forcedAfter).toBeNull();
  });

  it('T30 readers are served meanwhile, up to the cutoff', () => {
    const machine = queueing();
    machine.passes(11_999);
    expect(machine.serving).toBe(true);
    machine.passes(1);
    expect([machine.state, machine.serving]).toEqual(['refreshing.queueing', false]);
  });
});

describe('a token of another tab during a mint', () => {
  const late = () => peer(facts(-43_000));

  it('T23 readers are served, and the own request is given up', () => {
    const machine = minting();
    machine.actor.send(late());
    expect(machine.state).toBe('fresh');
  });

  it('T23 T25 the request goes on where somebody forced it, or a credential is spent on it', async () => {
    const forced = minting();
    forced.force();
    forced.actor.send(late());
    expect(forced.state).toBe('refreshing.minting');
    expect(forced.context.held?.issuedAt).toBe(startMs + 43_000);
    const single = minting({ credential: rotating });
    single.actor.send(late());
    expect(single.state).toBe('refreshing.minting');
    const presenting = minting({ credential: rotating });
    await presenting.fails({ class: 'expired-token-required', status: 422 });
    presenting.actor.send(late());
    expect(presenting.state).toBe('outage-fallback.presenting-expired-token');
    expect(presenting.context.held?.issuedAt).toBe(startMs + 43_000);
  });

  it('T23 one that is no better changes nothing', () => {
    const machine = minting({ credential: rotating });
    const { held } = machine.context;
    machine.actor.send(peer(facts(5_000)));
    expect(machine.context.held).toBe(held);
    expect(machine.state).toBe('refreshing.minting');
  });
});
