/** Worlds of real lifecycles: what is read, emitted and left behind is seen, and told in words. */
import { describe, expect, it } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import type { TokenLifecycle } from '../../adapters/host/types';
import { formatTrace } from '../../adapters/testing/format-trace';
import type { TraceEntry } from '../../adapters/testing/trace';
import { createWorld } from '../../adapters/testing/world/create';
import type { WorldOptions } from '../../adapters/testing/world/options';
import { ConfigurationError } from '../../machines/errors';
import { start } from './support';

const of = <Kind extends TraceEntry['is']>(trace: readonly TraceEntry[], kind: Kind) =>
  trace.filter((entry): entry is Extract<TraceEntry, { is: Kind }> => entry.is === kind);

/** One tab that holds a token. */
async function createFresh(options: WorldOptions = {}) {
  const world = createWorld({ tabs: 1, ...options, policy: { jitter: 0, ...options.policy } });
  await world.advance(100);
  return world;
}

describe('createWorld: reads', () => {
  it('§4 a read is asked, and settled with what it got, in server time', async () => {
    const world = createWorld({ tabs: 1, policy: { jitter: 0 } });
    const read = world.read(0, { timeoutMs: 5_000 });
    expect(read).toMatchObject({ id: 1, at: 0, outcome: null });
    await world.advance(100);
    expect(read.outcome).toMatchObject({ is: 'token', at: 100 });
    expect(of(world.trace, 'read')).toMatchObject([{ tab: 0, id: 1, kind: 'plain', timeoutMs: 5_000 }]);
    expect(of(world.trace, 'settled')).toMatchObject([
      { tab: 0, id: 1, outcome: 'token', value: { token: { sessionId: 'sess_1' } }, serverNow: start + 100 },
    ]);
  });

  it('§4 a forced read, another key and a peek say so', async () => {
    const world = await createFresh();
    world.read(0, { skipCache: true });
    world.read(0, { template: 'supabase', organizationId: 'org_1' });
    expect(world.tab(0).peek()).toBe(world.cookies.values[0]);
    expect(of(world.trace, 'read').map(({ kind, key }) => [kind, key?.template, key?.organizationId])).toEqual([
      ['forced', undefined, null],
      ['plain', 'supabase', 'org_1'],
      ['peek', undefined, null],
    ]);
    expect(of(world.trace, 'settled')).toMatchObject([{ id: 3, outcome: 'token' }]);
  });

  it('§4 null and errors are outcomes too; an error is named by its code and class', async () => {
    const world = await createFresh({ session: null });
    const nobody = world.read(0);
    await world.advance(0);
    expect(nobody.outcome).toEqual({ is: 'null', at: 100 });
    const failing = createWorld({ tabs: 1, policy: { jitter: 0, retries: 1 } });
    failing.server.respondWith({ do: 'status', status: 500 });
    const read = failing.read(0);
    await failing.advance(60_000);
    expect(read.outcome).toMatchObject({ is: 'error', error: { code: 'request_failed' } });
    expect(of(failing.trace, 'settled')).toMatchObject([
      { outcome: 'error', code: 'request_failed', failure: 'transient' },
    ]);
  });

  it('§10 what the lifecycle of a tab does after its end is nobody’s business, and it is stopped', async () => {
    const world = await createFresh();
    world.tab(0).crash();
    const { length } = world.trace;
    await expect(world.tab(0).tokens.getToken()).rejects.toMatchObject({ code: 'stopped' });
    await world.tab(0).tokens.signOut();
    await world.advance(1_000);
    expect(world.trace.slice(length)).toEqual([]);
    expect(world.cookies.values).toHaveLength(1);
  });

  it('§4 in a tab that is closed meanwhile a read settles never', async () => {
    const world = createWorld({ tabs: 1 });
    const read = world.read(0);
    world.tab(0).close();
    await world.advance(60_000);
    expect([read.outcome, of(world.trace, 'settled')]).toEqual([null, []]);
  });
});

describe('createWorld: who is signed in', () => {
  it('§8 a page that is loaded is told who it is now', async () => {
    const world = await createFresh({ tabs: 2 });
    world.signIn({ id: 'sess_2', organizationId: 'org_1' });
    await world.advance(1_000);
    world.tab(1).close();
    world.tab(1).open();
    expect(world.tab(1).tokens.actor.getSnapshot().context.session).toEqual({ id: 'sess_2', organizationId: 'org_1' });
    await world.advance(1_000);
    world.signOut();
    await world.advance(1_000);
    world.tab(0).close();
    world.tab(0).open();
    await world.advance(0);
    expect(world.tab(0).tokens.getState().state).toBe('signed-out');
    expect(of(world.trace, 'command').map((entry) => entry.do)).toEqual(
      expect.arrayContaining(['sign-in', 'sign-out']),
    );
  });

  it('§8 one that is told nothing finds it in the cookie', async () => {
    const world = await createFresh({ session: 'unknown' });
    expect(world.tab(0).tokens.getState().state).toBe('signed-out');
    world.signIn('sess_1');
    await world.advance(100);
    world.tab(0).close();
    world.tab(0).open();
    await world.advance(10);
    expect(world.tab(0).tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1' });
  });

  it('§8 nor is a session that the server ended', async () => {
    const world = await createFresh();
    world.server.revoke('sess_1');
    world.read(0, { skipCache: true });
    await world.advance(2_000);
    expect(world.tab(0).tokens.getState().state).toBe('signed-out');
    world.tab(0).close();
    world.tab(0).open();
    await world.advance(100);
    expect(world.tab(0).tokens.getState().state).toBe('signed-out');
  });

  it('§8 another organization of the same session goes on with its credential', async () => {
    const world = await createFresh({ server: { credential: 'rotating' } });
    world.tab(0).switchTo({ organizationId: 'org_1' });
    await world.advance(2_000);
    expect(world.tab(0).tokens.getState()).toMatchObject({ state: 'fresh', organizationId: 'org_1' });
    expect([of(world.trace, 'cache').filter(({ tab }) => tab === null).length, world.server.reuses]).toEqual([1, 0]);
  });

  it('§10 a refused token is named by its fingerprint', async () => {
    const world = await createFresh();
    const { fingerprint } = world.tab(0).tokens.getState();
    world.tab(0).reject();
    expect(of(world.trace, 'command').at(-1)).toMatchObject({ do: 'reject', fingerprint });
    await world.advance(2_000);
    expect(world.tab(0).tokens.getState().fingerprint).not.toBe(fingerprint);
  });
});

describe('createWorld: the trace', () => {
  it('§12 begins with the world, and has the state at the start', () => {
    const world = createWorld({
      tabs: 1,
      seed: 3,
      server: { ttlSeconds: 90, offsetMs: 5_000 },
      policy: { retries: 2 },
    });
    expect(world.trace[0]).toMatchObject({
      is: 'world',
      ...{
        at: 0,
        tab: null,
        seed: 3,
        tabs: 1,
        ttlMs: 90_000,
        latencyMs: 100,
        credential: 'ambient',
        checkSession: true,
      },
      ...{ serverStart: start + 5_000, wallStart: start },
      policy: { retries: 2, retryInitialMs: 3_000 },
      shared: { channel: 'tokens', lock: true, store: 'ordered', cache: 'per-tab', cookie: true },
    });
    expect(of(world.trace, 'state')[0]).toMatchObject({ tab: 0, state: 'restoring', status: 'ok', clockOffsetMs: 0 });
    const quiet = createWorld({
      tabs: 1,
      createLifecycle: (options) =>
        Object.assign(createTokenLifecycle(options), {
          subscribe: () => Object.assign(() => {}, { unsubscribe() {} }),
        }),
    });
    expect(of(quiet.trace, 'state')).toMatchObject([{ tab: 0, state: 'restoring' }]);
  });

  it('§12 has events and states as anybody may see them, and no raw token', async () => {
    const world = await createFresh();
    expect(of(world.trace, 'event').map(({ type }) => type)).toEqual(
      expect.arrayContaining(['session.signedIn', 'refresh.started', 'refresh.succeeded', 'token.updated']),
    );
    expect(of(world.trace, 'state').at(-1)).toMatchObject({ state: 'fresh', serving: true });
    expect(JSON.stringify(world.trace)).not.toContain(world.cookies.values[0]?.split('.')[2]);
    expect(of(world.trace, 'leak')).toEqual([]);
  });

  it('§12 a raw token in an event, an error or a log line is a leak', async () => {
    /** Tells everybody what it must not. */
    const leaky: WorldOptions['createLifecycle'] = (options): TokenLifecycle => {
      const inner = createTokenLifecycle(options);
      const raw = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.';
      return Object.assign(inner, {
        on: (type: string, listener: (event: unknown) => void) => {
          if (type === 'token.updated') listener({ fingerprint: raw });
          if (type === 'refresh.failed') listener({ error: new Error(`No answer to ${raw}`) });
          if (type === 'adapter.failed') options.logger?.warn?.('Failed', { with: raw });
          return Object.assign(() => {}, { unsubscribe: () => {} });
        },
      });
    };
    const world = createWorld({ tabs: 1, createLifecycle: leaky });
    expect(of(world.trace, 'leak').map(({ where }) => where)).toEqual(['token.updated', 'refresh.failed', 'log']);
  });

  it.each(['ES256', 'HS256'] as const)('§12 its tokens are signed by %s, while virtual time waits', async (signing) => {
    const world = await createFresh({ tabs: 2, server: { signing } });
    expect(world.server.mints).toEqual([50]);
    expect(world.tabs.map(({ tokens }) => tokens.getState().state)).toEqual(['fresh', 'fresh']);
    expect(await world.server.verify(world.cookies.values[0] ?? '')).toMatchObject({ sid: 'sess_1' });
  });

  it('§12 a lifecycle that is stopped leaves nothing; one that is leaky does, and it is counted', async () => {
    const world = await createFresh({ tabs: 2 });
    world.tab(0).stop();
    await world.advance(0);
    expect(of(world.trace, 'leftovers')).toMatchObject([{ tab: 0, timers: 0, listeners: 0, locks: 0 }]);

    const leaky = createWorld({
      tabs: 1,
      createLifecycle: (options) => {
        options.clock?.setTimeout(() => {}, 60_000);
        options.connectivity?.subscribe(() => {});
        options.presence?.subscribe(() => {});
        options.channel?.subscribe(() => {});
        const signal = new AbortController().signal;
        void options.lock?.run('own', { waitMs: 1, leaseMs: 60_000, signal }, () => new Promise(() => {}));
        return createTokenLifecycle(options);
      },
    });
    await leaky.advance(1_000);
    leaky.tab(0).stop();
    await leaky.advance(0);
    expect(of(leaky.trace, 'leftovers')).toMatchObject([{ timers: 1, listeners: 3, locks: 1 }]);
    leaky.tab(0).start();
    expect(of(leaky.trace, 'command').at(-1)).toMatchObject({ do: 'start' });
  });

  it('§12 each entry is told as it is noted; only the last ones are kept, where that is wanted', async () => {
    const told: TraceEntry[] = [];
    const kept: number[] = [];
    const world = await createFresh({ keep: 10, onEntry: (entry) => told.push(entry) });
    for (let second = 0; second < 200; second += 1) {
      await world.advance(1_000);
      kept.push(world.trace.length);
    }
    expect(told.length).toBeGreaterThan(40);
    expect(Math.min(...kept)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...kept)).toBeLessThanOrEqual(20);
    expect(told.slice(-world.trace.length)).toEqual(world.trace);
    expect(told.every((entry, index) => entry.at >= (told[index - 1]?.at ?? 0))).toBe(true);
  });

  /** Something of everything. */
  async function live(seed: number) {
    const world = createWorld({ tabs: 3, seed });
    await world.advance(44_000);
    world.read(0);
    world.tab(1).focus();
    world.tab(0).close();
    await world.advance(100_000);
    world.offline();
    world.tab(1).crash();
    await world.sleep(60_000);
    world.online();
    world.tab(0).open();
    await world.advance(30_000);
    world.signOut();
    await world.advance(10_000);
    return world;
  }

  it('§12 one seed, one story; another seed, another one', async () => {
    const [one, again, other] = [await live(7), await live(7), await live(8)];
    expect(formatTrace(again.trace)).toBe(formatTrace(one.trace));
    expect(JSON.stringify(again.trace)).toBe(JSON.stringify(one.trace));
    expect(formatTrace(other.trace)).not.toBe(formatTrace(one.trace));
  });

  it('§12 tabs that name themselves by chance are told by order of appearance', async () => {
    const world = await createFresh({ tabs: 2 });
    world.tab(1).focus();
    world.read(1, { skipCache: true });
    await world.advance(2_000);
    const minting = of(world.trace, 'store').flatMap(({ record }) =>
      Object.values(record?.keys ?? {}).flatMap((key) => key.minting?.by ?? []),
    );
    expect([...new Set(minting)]).toEqual(['tab#1', 'tab#2']);
  });
});

describe('createWorld: in words', () => {
  it('§12 a tab explains itself: where it is, why, and what happened to it last', async () => {
    const world = await createFresh({ tabs: 2 });
    world.server.respondWith({ do: 'status', status: 503 });
    await world.advance(44_000);
    const text = world.explain(0);
    expect(text).toMatch(/^Tab 0 at 44\.1 s: visible, with the focus\.\n/);
    expect(text).toContain('The lifecycle is outage-fallback (backing-off)');
    expect(text).toMatch(/43\.050 s {2}server +answers 503 \(request \d+, told to: status\)/);
    expect(text).not.toMatch(/tab 1 {4}/);
    world.tab(1).close();
    expect(world.explain(1)).toMatch(/^Tab 1 at 44\.1 s: closed\.\n/);
    expect(() => world.explain(5)).toThrow(ConfigurationError);
  });

  it('§12 a world that is disposed of does nothing any more', async () => {
    const world = await createFresh({ tabs: 2 });
    world.tab(0).read({ skipCache: true });
    world[Symbol.dispose]();
    const before = world.trace.length;
    await world.advance(600_000);
    expect(world.trace.slice(before).filter(({ tab }) => tab !== null)).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });
});
