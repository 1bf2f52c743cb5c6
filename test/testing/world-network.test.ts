/** The network of a world: requests travel, are served, and their answers travel back; each step is seen, and can fail. */
import { describe, expect, it } from 'vitest';
import type { NetworkFault } from '../../adapters/testing/world/faults';
import type { MintRequest } from '../../machines/ports';
import { createBareWorld } from './bare';
import { watch } from './support';

type Bare = ReturnType<typeof createBareWorld>;

function mint({ ports, world }: Bare, tab: number, changes: Partial<MintRequest> = {}) {
  const request: MintRequest = {
    key: { sessionId: 'sess_1' },
    signal: new AbortController().signal,
    attempt: 1,
    deadline: 0,
    cause: 'read',
    presence: 'focused',
    lease: null,
    ...changes,
  };
  const seen = watch(ports(tab).source.mint(request));
  const settledBy = async (ms: number) => {
    await world.advance(ms);
    return seen.settled;
  };
  return { seen, settledBy };
}

/** `request`, `served` and `answer`, with what tells them apart. */
const steps = ({ world }: Bare) =>
  world.trace.flatMap((entry) =>
    entry.is === 'request' || entry.is === 'served' || entry.is === 'answer'
      ? [[entry.at, entry.is, entry.is === 'answer' ? entry.outcome : entry.is === 'served' ? entry.by : entry.op]]
      : [],
  );

const faulty = (fault: NetworkFault) => createBareWorld({ faults: { network: () => fault } });

describe('createWorld: the network', () => {
  it('§5 a request takes half the latency there and half back', async () => {
    const bare = createBareWorld({ latencyMs: 300 });
    const { seen, settledBy } = mint(bare, 0);
    expect([await settledBy(299), await settledBy(1)]).toEqual([false, true]);
    expect(seen.value).toMatchObject({ token: expect.stringMatching(/^ey/) });
    expect(steps(bare)).toEqual([
      [0, 'request', 'mint'],
      [150, 'served', 'mint'],
      [300, 'answer', 'answered'],
    ]);
  });

  it('§5 what a request carried and what it came to is in the trace, without a secret', async () => {
    const bare = createBareWorld();
    const first = mint(bare, 0);
    await bare.world.advance(100);
    const { token } = first.seen.value as { token: string };
    mint(bare, 1, { lastToken: token, cause: 'probe', presence: 'hidden', attempt: 4 });
    bare.world.server.script([{ do: 'status', status: 429, code: 'slow_down', retryAfterSeconds: 20 }]);
    await bare.world.advance(100);
    expect(bare.of('request').at(-1)).toMatchObject({
      tab: 1,
      id: 2,
      key: { sessionId: 'sess_1' },
      ...{ cause: 'probe', presence: 'hidden', attempt: 4, online: true, connected: true, credential: null },
      presented: { sessionId: 'sess_1', fingerprint: expect.any(String) },
    });
    expect(bare.of('served').at(-1)).toMatchObject({ id: 2, status: 429, code: 'slow_down', retryAfterMs: 20_000 });
    expect(bare.of('answer').at(-1)).toMatchObject({ tab: 1, id: 2, status: 429, retryAfterMs: 20_000, token: null });
    expect(JSON.stringify(bare.world.trace)).not.toContain(token.split('.')[2]);
  });

  it('§5 offline: nothing is sent, by one tab or by any', async () => {
    const bare = createBareWorld();
    bare.world.tab(0).offline();
    expect(bare.world.tabs.map(({ index }) => bare.ports(index).connectivity.isOnline())).toEqual([false, true]);
    expect(await mint(bare, 0).settledBy(0)).toBe(true);
    expect(bare.of('request')[0]).toMatchObject({ online: false, connected: false });
    bare.world.offline();
    bare.world.tab(0).online();
    expect(bare.world.tabs.map(({ index }) => bare.ports(index).connectivity.isOnline())).toEqual([false, false]);
    bare.world.online();
    expect(bare.world.tabs.map(({ index }) => bare.ports(index).connectivity.isOnline())).toEqual([true, true]);
    expect(bare.world.server.requests).toEqual([]);
  });

  it('§5 a page is told when its network changes, once, and frozen when it is thawed', async () => {
    const { world, ports } = createBareWorld();
    const told: [number, boolean, number][] = [];
    for (const tab of [0, 1]) ports(tab).connectivity.subscribe((online) => told.push([tab, online, world.at]));
    world.offline();
    world.tab(0).offline();
    world.tab(1).freeze();
    world.online();
    world.offline();
    await world.advance(1_000);
    world.tab(1).resume();
    await world.advance(0);
    expect(told).toEqual([
      [0, false, 0],
      [1, false, 0],
      [1, false, 1_000],
      [1, false, 1_000],
    ]);
  });

  it('§5 silently offline: the platform does not know, and packets are lost', async () => {
    const bare = createBareWorld();
    bare.world.offline({ silent: true });
    const { seen } = mint(bare, 0);
    await bare.world.advance(0);
    expect(seen.error).toMatchObject({ code: 'request_failed' });
    expect(bare.of('request')[0]).toMatchObject({ online: true, connected: false });
  });

  it('§5 a network that goes while a request is under way takes the request, or the answer', async () => {
    const bare = createBareWorld();
    const up = mint(bare, 0);
    await bare.world.advance(20);
    bare.world.offline();
    await bare.world.advance(100);
    expect([up.seen.settled, bare.world.server.mints]).toEqual([true, []]);
    bare.world.online();
    const down = mint(bare, 0);
    await bare.world.advance(60);
    bare.world.offline();
    await bare.world.advance(100);
    expect([down.seen.settled, down.seen.value, bare.world.server.mints.length]).toEqual([true, undefined, 1]);
  });

  it.each<[string, NetworkFault, number, unknown[]]>([
    ['a lost request', { lose: 'request' }, 50, [[50, 'answer', 'failed']]],
    [
      'a lost answer',
      { lose: 'response' },
      100,
      [
        [50, 'served', 'mint'],
        [100, 'answer', 'failed'],
      ],
    ],
    [
      'a slow network',
      { upMs: 1_000, downMs: 2_000 },
      3_000,
      [
        [1_000, 'served', 'mint'],
        [3_000, 'answer', 'answered'],
      ],
    ],
  ])('§5 %s', async (_, fault, settlesAt, expected) => {
    const bare = faulty(fault);
    const { settledBy } = mint(bare, 0);
    expect([await settledBy(settlesAt - 1), await settledBy(1)]).toEqual([false, true]);
    expect(steps(bare).slice(1)).toEqual(expected);
    expect(bare.of('fault')).toHaveLength(1);
  });

  it('§5 a loss that nobody notices: the client waits until it gives up', async () => {
    const bare = faulty({ lose: 'response', loss: 'hangs' });
    const given = new AbortController();
    const { seen, settledBy } = mint(bare, 0, { signal: given.signal });
    expect(await settledBy(60_000)).toBe(false);
    given.abort();
    await bare.world.advance(0);
    expect(seen.settled).toBe(true);
    expect(steps(bare).slice(1)).toEqual([
      [50, 'served', 'mint'],
      [60_000, 'answer', 'aborted'],
    ]);
  });

  it('§5 an answer to a request that was given up is late', async () => {
    const bare = createBareWorld();
    const given = new AbortController();
    mint(bare, 0, { signal: given.signal });
    await bare.world.advance(10);
    given.abort();
    await bare.world.advance(200);
    expect(steps(bare)).toEqual([
      [0, 'request', 'mint'],
      [10, 'answer', 'aborted'],
      [50, 'served', 'mint'],
      [100, 'answer', 'late'],
    ]);
  });

  it('§5 a frozen tab gets its answer when it is thawed, a closed one never, and the server has acted for both', async () => {
    const bare = createBareWorld();
    const given = new AbortController();
    const [frozen, closed] = [mint(bare, 1), mint(bare, 0)];
    mint(bare, 0, { signal: given.signal });
    bare.world.tab(1).freeze();
    bare.world.tab(0).close();
    given.abort();
    await bare.world.advance(5_000);
    expect([frozen.seen.settled, closed.seen.settled, bare.world.server.mints]).toEqual([false, false, [50, 50, 50]]);
    bare.world.tab(1).resume();
    await bare.world.advance(0);
    expect([frozen.seen.settled, closed.seen.settled]).toEqual([true, false]);
    expect(bare.of('answer')).toMatchObject([{ tab: 1, at: 5_000, outcome: 'answered' }]);
  });

  it('§5 the server’s own behaviours come through: hanging, breaking, late', async () => {
    const bare = createBareWorld();
    bare.world.server.script([{ do: 'hang' }, { do: 'drop' }, { do: 'late', ms: 1_000 }, { do: 'unreachable' }]);
    const all = [0, 0, 0, 0].map(() => mint(bare, 0).seen);
    await bare.world.advance(100);
    expect(all.map(({ settled }) => settled)).toEqual([false, true, false, true]);
    await bare.world.advance(1_000);
    expect(all.map(({ settled }) => settled)).toEqual([false, true, true, true]);
    expect(bare.of('served').map(({ by, status }) => [by, status])).toEqual([
      ['hang', null],
      ['drop', 200],
      ['late', 200],
    ]);
  });

  it('§12 a secret in a URL is a leak', async () => {
    const { world, ports, of } = createBareWorld({
      server: { origin: 'https://auth.test/eyJhbGciOiJIUzI1NiJ9.eyJzdWIi' },
    });
    mint({ world, ports, of } as Bare, 0);
    expect(of('leak')).toMatchObject([{ tab: 0, where: 'URL' }]);
  });

  it('§10 where credentials rotate, the first lies in the shared cache, and what was spent is in the trace', async () => {
    const { world, of } = createBareWorld({ server: { credential: 'rotating', reuseGraceMs: 5_000 } });
    expect(of('world')[0]).toMatchObject({ credential: 'rotating', reuseGraceMs: 5_000, shared: { cache: 'shared' } });
    expect(of('cache')).toMatchObject([{ tab: null, did: 'set', value: { kind: 'other' } }]);
    expect(JSON.stringify(world.trace)).not.toContain('credential-1-of');
  });
});
