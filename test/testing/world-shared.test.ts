/** What the tabs of a world share: cookie jar, cache, store, messages, locks; and how each of them fails. */
import { describe, expect, it } from 'vitest';
import type { Lease, LockOutcome, SharedRecord } from '../../machines/ports';
import { createBareWorld } from './bare';
import { start, watch } from './support';

const inAMinute = { expiresAt: start + 60_000 };

describe('createWorld: the cookie jar', () => {
  it('§10 all tabs and the server see one cookie, by the wall clock', async () => {
    const { world, ports, of } = createBareWorld();
    expect(ports(0).cookie?.write('a.b.c', inAMinute)).toEqual({ status: 'written' });
    expect(ports(1).cookie?.read()).toEqual([{ value: 'a.b.c' }]);
    expect(world.cookies.header).toBe('__Host-__session=a.b.c');
    world.skew(59_999);
    expect(world.cookies.values).toEqual(['a.b.c']);
    world.skew(1);
    expect([world.cookies.values, ports(0).cookie?.read()]).toEqual([[], []]);
    expect(of('cookie')).toMatchObject([
      { tab: 0, did: 'written', at: 0 },
      { tab: null, did: 'expired', now: [] },
    ]);
  });

  it('§10 that it runs out is seen when it does, also if nobody looks', async () => {
    const { world, ports, of } = createBareWorld();
    ports(0).cookie?.write('a.b.c', inAMinute);
    await world.advance(59_999);
    expect(of('cookie')).toHaveLength(1);
    await world.advance(1);
    expect(of('cookie').at(-1)).toMatchObject({ did: 'expired', at: 60_000 });
  });

  it('§10 an equal value is no change, a removal is one, an unseen one is none', () => {
    const { world, ports, of } = createBareWorld();
    ports(0).cookie?.remove();
    ports(0).cookie?.write('a.b.c', inAMinute);
    ports(1).cookie?.write('a.b.c', inAMinute);
    world.cookies.setByServer('__Host-__session=a.b.c; Path=/; Secure');
    ports(1).cookie?.remove();
    expect(of('cookie').map(({ tab, did }) => [tab, did])).toEqual([
      [0, 'written'],
      [1, 'removed'],
    ]);
  });

  it('§10 a value that is too long is refused, and the refusal is noted', () => {
    const { ports, of } = createBareWorld();
    expect(ports(0).cookie?.write('x'.repeat(5_000), inAMinute)).toEqual({ status: 'rejected', reason: 'too_large' });
    expect(of('cookie')).toMatchObject([{ tab: 0, did: 'refused', now: [] }]);
  });

  it('§10 the companion is noted as it is', () => {
    const { ports, of } = createBareWorld();
    ports(0).cookie?.writeContext?.('1.2.out');
    expect(ports(1).cookie?.readContext?.()).toBe('1.2.out');
    expect(of('companion')).toMatchObject([{ tab: 0, value: '1.2.out' }]);
  });

  it('§10 a sibling domain tosses a second value of a plain name, and none of a __Host- name', () => {
    const plain = createBareWorld({ shared: { cookie: { name: '__session' } } });
    plain.ports(0).cookie?.write('a.b.c', inAMinute);
    plain.world.cookies.toss('evil');
    expect(plain.ports(0).cookie?.read()).toEqual([{ value: 'a.b.c' }, { value: 'evil' }]);
    expect(plain.of('cookie').at(-1)).toMatchObject({ tab: null, did: 'tossed', now: [{}, { kind: 'other' }] });

    const prefixed = createBareWorld();
    prefixed.world.cookies.toss('evil');
    expect(prefixed.world.cookies.values).toEqual([]);
  });

  it('§10 browsers drop what cannot be: None without Secure, a foreign domain, a prefix without its terms', () => {
    const { world, ports, of } = createBareWorld({ shared: { cookie: { name: 'a' } } });
    for (const text of [
      'a=1; SameSite=None',
      'a=1; Domain=other.test; Secure',
      'a=1; Partitioned',
      '=1; Path=/',
      `a=${'x'.repeat(5_000)}`,
    ]) {
      world.cookies.setByServer(text);
    }
    expect([world.cookies.header, of('cookie')]).toEqual(['', []]);
    world.cookies.setByServer('a=0; Path=/; Secure; HttpOnly');
    world.cookies.setByServer('a=2; Path=/; Domain=example.test');
    world.cookies.setByServer('b=3; Path=/other');
    // Written again, it keeps its place.
    world.cookies.setByServer('a=1; Path=/; Secure; HttpOnly');
    expect(world.cookies.header).toBe('a=1; a=2');
    // A script neither sees nor changes what is HttpOnly.
    expect(ports(0).cookie?.read()).toEqual([{ value: '2' }]);
    expect(() => ports(0).cookie?.remove()).toThrow(/another domain/);
    expect(world.cookies.values).toEqual(['1', '2']);
    world.cookies.setByServer('a=; Path=/; Max-Age=0');
    expect(world.cookies.header).toBe('a=2');
  });

  it('§10 a world may do without', () => {
    expect(createBareWorld({ shared: { cookie: false } }).ports(0).cookie).toBeUndefined();
  });

  it('§10 where cookies are denied every operation throws', () => {
    const { ports, of } = createBareWorld({
      faults: { storage: ({ adapter }) => (adapter === 'cookie' ? 'throws' : null) },
    });
    expect(() => ports(0).cookie?.read()).toThrow(/insecure/);
    expect(() => ports(0).cookie?.write('a.b.c', inAMinute)).toThrow(/insecure/);
    expect(of('fault')).toMatchObject([
      { tab: 0, fault: 'cookie throws', detail: 'read' },
      { tab: 0, fault: 'cookie throws', detail: 'write' },
    ]);
  });
});

const record = (generation: number): SharedRecord => ({ v: 1, generation, epoch: 0 });

describe('createWorld: cache and store', () => {
  it('§10 each tab has a cache of its own, or all have one', async () => {
    const own = createBareWorld();
    await own.ports(0).cache.set('k', 'a.b.c', inAMinute);
    expect([await own.ports(0).cache.get('k'), await own.ports(1).cache.get('k')]).toEqual(['a.b.c', undefined]);
    const one = createBareWorld({ shared: { cache: 'shared' } });
    await one.ports(0).cache.set('p:1', 'a.b.c', inAMinute);
    await one.ports(0).cache.set('q:1', 'a.b.c', inAMinute);
    expect(await one.ports(1).cache.get('p:1')).toBe('a.b.c');
    await one.ports(1).cache.deleteAll('p:');
    expect([await one.ports(0).cache.get('p:1'), await one.ports(0).cache.get('q:1')]).toEqual([undefined, 'a.b.c']);
    expect(one.of('cache').map(({ tab, did, key }) => [tab, did, key])).toEqual([
      [0, 'set', 'p:1'],
      [0, 'set', 'q:1'],
      [1, 'deleted', 'p:1'],
    ]);
  });

  it('§10 an ordered store: once it is written, every tab reads it, and none overwrites what it has not seen', async () => {
    const { ports, of } = createBareWorld();
    const bump = (now: SharedRecord | undefined) => record((now?.generation ?? 0) + 1);
    await Promise.all([ports(0).store.update('r', bump), ports(1).store.update('r', bump)]);
    expect(await ports(0).store.read('r')).toEqual(record(2));
    expect(ports(0).store.consistency).toBe('ordered');
    expect(of('store').map(({ tab, record }) => [tab, record?.generation])).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it('§10 a store that hints: for some ms the other tabs see what was, and write over it', async () => {
    const { world, ports } = createBareWorld({ shared: { store: 'hint' } });
    await ports(0).store.update('r', () => record(1));
    expect([await ports(0).store.read('r'), await ports(1).store.read('r')]).toEqual([record(1), undefined]);
    await world.advance(5);
    expect(await ports(1).store.read('r')).toEqual(record(1));
    expect(ports(1).store.consistency).toBe('hint');
  });

  it('§10 it throws, is full, hangs or is slow, as it is told', async () => {
    let fault: 'throws' | 'full' | 'hangs' | { delayMs: number } | null = 'throws';
    const { world, ports, of } = createBareWorld({ faults: { storage: () => fault } });
    await expect(ports(0).store.read('r')).rejects.toMatchObject({ name: 'SecurityError' });
    fault = 'full';
    await expect(ports(0).cache.set('k', 'v', inAMinute)).rejects.toMatchObject({ name: 'QuotaExceededError' });
    fault = 'hangs';
    const hanging = watch(ports(0).store.read('r'));
    fault = { delayMs: 300 };
    const slow = watch(ports(0).store.update('r', () => record(1)));
    fault = null;
    await world.advance(299);
    expect([hanging.settled, slow.settled, await ports(1).store.read('r')]).toEqual([false, false, undefined]);
    await world.advance(1);
    expect([hanging.settled, slow.value]).toEqual([false, record(1)]);
    expect(of('fault').map((one) => one.fault)).toEqual(['store throws', 'cache full', 'store hangs', 'store is slow']);
  });

  it('§10 a frozen tab gets its answer when it is thawed', async () => {
    let slow = true;
    const { world, ports } = createBareWorld({ faults: { storage: () => (slow ? { delayMs: 10 } : null) } });
    const before = watch(Promise.resolve(ports(0).cache.get('k')));
    world.tab(0).freeze();
    slow = false;
    const meanwhile = watch(Promise.resolve(ports(0).cache.get('k')));
    await world.advance(1_000);
    expect([before.settled, meanwhile.settled]).toEqual([false, false]);
    world.tab(0).resume();
    await world.advance(0);
    expect([before.settled, meanwhile.settled]).toEqual([true, true]);
  });
});

describe('createWorld: messages', () => {
  function hear({ ports, world }: ReturnType<typeof createBareWorld>) {
    const heard: [number, unknown, number][] = [];
    world.tabs.forEach(({ index }) => {
      ports(index).channel?.subscribe((message) => heard.push([index, message, world.at]));
    });
    return heard;
  }

  it('§10 reach every other tab a millisecond later, as copies', async () => {
    const bare = createBareWorld({ tabs: 3 });
    const heard = hear(bare);
    const message = { is: 'ask', key: 'k' };
    bare.ports(1).channel?.post(message);
    message.key = 'changed';
    expect(heard).toEqual([]);
    await bare.world.advance(1);
    expect(heard).toEqual([
      [0, { is: 'ask', key: 'k' }, 1],
      [2, { is: 'ask', key: 'k' }, 1],
    ]);
    expect(() => bare.ports(0).channel?.post(() => {})).toThrow();
  });

  it('§10 carry tokens, or do not, or there is no channel', () => {
    expect(createBareWorld().ports(0).channel?.carriesTokens).toBe(true);
    expect(createBareWorld({ shared: { channel: 'notices' } }).ports(0).channel?.carriesTokens).toBe(false);
    expect(createBareWorld({ shared: { channel: 'none' } }).ports(0).channel).toBeUndefined();
  });

  it('§10 a suspended channel neither sends nor hears; a frozen tab hears when it is thawed', async () => {
    const bare = createBareWorld({ tabs: 3 });
    const heard = hear(bare);
    bare.ports(1).channel?.suspend?.();
    bare.world.tab(2).freeze();
    bare.ports(0).channel?.post({ is: 'ask', key: '1' });
    bare.ports(1).channel?.post({ is: 'ask', key: '2' });
    await bare.world.advance(10);
    bare.ports(1).channel?.resume?.();
    bare.world.tab(2).resume();
    await bare.world.advance(10);
    expect(heard).toEqual([[2, { is: 'ask', key: '1' }, 10]]);
    expect(bare.of('message').map(({ tab, did }) => [tab, did])).toEqual([
      [0, 'posted'],
      [1, 'dropped'],
      [2, 'delivered'],
    ]);
  });

  it('§10 are lost, late and doubled, as they are told', async () => {
    const bare = createBareWorld({
      tabs: 4,
      faults: { message: ({ to }) => [null, { lose: true }, { delayMs: 500 }, { copies: 2 }][to] },
    });
    const heard = hear(bare);
    bare.ports(0).channel?.post({ is: 'ask', key: 'k' });
    await bare.world.advance(600);
    expect(heard.map(([tab, , at]) => [tab, at])).toEqual([
      [3, 1],
      [3, 1],
      [2, 501],
    ]);
    expect(bare.of('fault').map(({ tab, fault }) => [tab, fault])).toEqual([
      [1, 'message lost'],
      [2, 'message late'],
      [3, 'message sent 2 times'],
    ]);
  });

  it('§10 a forged one reaches every tab', async () => {
    const bare = createBareWorld();
    const heard = hear(bare);
    bare.world.forge({ v: 1, is: 'token', from: 'x', token: 'a.b.c' });
    await bare.world.advance(1);
    expect(heard.map(([tab]) => tab)).toEqual([0, 1]);
    expect(bare.of('message')[0]).toMatchObject({ tab: null, did: 'forged', kind: 'token', value: { kind: 'other' } });
  });

  it('§10 who has unsubscribed hears nothing', async () => {
    const { world, ports } = createBareWorld();
    const heard: unknown[] = [];
    const leave = ports(0).channel?.subscribe((message) => heard.push(message));
    leave?.();
    ports(1).channel?.post({ is: 'ask' });
    await world.advance(1);
    expect(heard).toEqual([]);
  });
});

describe('createWorld: locks', () => {
  /** Asks for a lock and keeps it until told otherwise. */
  function ask({ ports, world }: ReturnType<typeof createBareWorld>, tab: number, waitMs = 5_000) {
    const seen: { lease?: Lease; outcome?: LockOutcome<string>; grantedAt?: number; endedAt?: number } = {};
    let finish = (): void => {};
    const options = { waitMs, leaseMs: 60_000, signal: new AbortController().signal };
    const task = (lease: Lease) =>
      new Promise<string>((resolve) => {
        Object.assign(seen, { lease, grantedAt: world.at });
        finish = () => resolve('done');
      });
    ports(tab)
      .lock?.run('name', options, task)
      .then((outcome) => Object.assign(seen, { outcome, endedAt: world.at }));
    return { seen, finish: () => finish() };
  }

  it('§10 one tab at a time, in order, with a growing fence', async () => {
    const bare = createBareWorld({ tabs: 3 });
    const [first, second, third] = [ask(bare, 0), ask(bare, 1), ask(bare, 2, 1_000)];
    await bare.world.advance(2_000);
    expect([first.seen.lease?.fence, second.seen.lease, third.seen.outcome]).toEqual([
      1,
      undefined,
      { status: 'timeout' },
    ]);
    first.finish();
    await bare.world.advance(0);
    expect(first.seen.outcome).toEqual({ status: 'done', value: 'done' });
    expect([second.seen.lease?.fence, second.seen.lease?.contended]).toEqual([2, true]);
    expect(bare.of('lock').map(({ tab, did }) => [tab, did])).toEqual([
      [0, 'wanted'],
      [1, 'wanted'],
      [2, 'wanted'],
      [0, 'granted'],
      [2, 'timeout'],
      [1, 'granted'],
      [0, 'done'],
    ]);
  });

  it.each([
    ['close', 50],
    ['crash', 115],
  ] as const)('§10 after %s the lock is free, %d ms later', async (how, ms) => {
    const bare = createBareWorld();
    const [gone, next] = [ask(bare, 0), ask(bare, 1)];
    await bare.world.advance(1_000);
    bare.world.tab(0)[how]();
    gone.finish();
    await bare.world.advance(ms - 1);
    expect(next.seen.lease).toBeUndefined();
    await bare.world.advance(1);
    expect(next.seen.grantedAt).toBe(1_000 + ms);
    expect(gone.seen.outcome).toBeUndefined();
    expect(bare.of('lock').flatMap(({ tab, did }) => (tab === 0 ? [did] : []))).toEqual(['wanted', 'granted']);
  });

  it.each(['freeze', 'pagehide'] as const)(
    '§10 after %s it is free at once, and the holder has lost it',
    async (how) => {
      const bare = createBareWorld();
      const [gone, next] = [ask(bare, 0), ask(bare, 1)];
      await bare.world.advance(1_000);
      bare.world.tab(0)[how]();
      await bare.world.advance(0);
      expect([gone.seen.lease?.signal.aborted, next.seen.grantedAt, gone.seen.outcome]).toEqual([
        true,
        1_000,
        undefined,
      ]);
      await bare.world.advance(1_000);
      bare.world.tab(0)[how === 'freeze' ? 'resume' : 'pageshow']();
      await bare.world.advance(0);
      expect([gone.seen.outcome, gone.seen.endedAt]).toEqual([{ status: 'lost' }, 2_000]);
    },
  );

  it('§10 it can be stolen: the holder has lost it, the next one gets it', async () => {
    const bare = createBareWorld();
    const [robbed, next] = [ask(bare, 0), ask(bare, 1)];
    await bare.world.advance(1_000);
    bare.world.stealLocks();
    await bare.world.advance(0);
    expect([robbed.seen.lease?.signal.aborted, robbed.seen.outcome, next.seen.grantedAt]).toEqual([
      true,
      { status: 'lost' },
      1_000,
    ]);
    expect(bare.of('lock').filter(({ did }) => did === 'stolen')).toHaveLength(1);
    next.finish();
    await bare.world.advance(0);
    bare.world.stealLocks();
    expect(bare.of('lock').filter(({ did }) => did === 'stolen')).toHaveLength(1);
  });

  it('§10 a page that stands still hears of a theft when it goes on', async () => {
    const bare = createBareWorld();
    const { seen } = ask(bare, 0);
    await bare.world.advance(0);
    const heard: (boolean | undefined)[] = [];
    bare.world.clock.setTimeout(bare.world.stealLocks, 1_000);
    bare.world.clock.setTimeout(() => heard.push(seen.lease?.signal.aborted), 2_000);
    await bare.world.tab(0).sleep(5_000);
    heard.push(seen.lease?.signal.aborted);
    expect([heard, seen.outcome, seen.endedAt]).toEqual([[false, true], { status: 'lost' }, 5_000]);
  });

  it('§10 it is unavailable, never granted, or stolen after a while, as it is told', async () => {
    const faults = { 0: 'unavailable', 1: 'never', 2: { steal: true, afterMs: 300 } } as const;
    const bare = createBareWorld({ tabs: 3, faults: { lock: ({ tab }) => faults[tab as 0 | 1 | 2] } });
    const [none, never, stolen] = [ask(bare, 0), ask(bare, 1, 700), ask(bare, 2)];
    await bare.world.advance(1_000);
    expect(none.seen).toEqual({ outcome: { status: 'unavailable', cause: 'locks_missing' }, endedAt: 0 });
    expect(never.seen).toEqual({ outcome: { status: 'timeout' }, endedAt: 700 });
    expect([stolen.seen.grantedAt, stolen.seen.outcome, stolen.seen.endedAt]).toEqual([0, { status: 'lost' }, 300]);
    expect(bare.of('fault').map(({ fault }) => fault)).toEqual(['lock unavailable', 'lock not granted', 'lock stolen']);
  });

  it('§10 there may be none', () => {
    expect(createBareWorld({ shared: { lock: false } }).ports(0).lock).toBeUndefined();
  });
});
