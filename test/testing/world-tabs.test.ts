/** Tabs of a world: seen, hidden, frozen, gone; and time as each of them has it. */
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../adapters/testing/world/create';
import type { Tab } from '../../adapters/testing/world/tab';
import { createBareWorld } from './bare';
import { start, watch } from './support';

const seen = { visibility: 'visible', focus: true, frame: 'top' };
const hidden = { visibility: 'hidden', focus: false, frame: 'top' };

describe('createWorld: who is seen', () => {
  it('§10 opens its tabs, the first with the focus, the others behind it', () => {
    const { world, told } = createBareWorld({ tabs: 3 });
    expect(world.tabs.map(({ presence }) => presence)).toEqual([seen, hidden, hidden]);
    expect(told()).toEqual(['0 visible', '0 focus']);
  });

  it('§10 in one window the old tab is left before the new one is seen', () => {
    const { world, told } = createBareWorld({ tabs: 2 });
    told();
    world.tab(1).focus();
    expect(told()).toEqual(['0 blur', '0 hidden', '1 visible', '1 focus']);
    expect(world.tabs.map(({ presence }) => presence)).toEqual([hidden, seen]);
    world.tab(0).show();
    expect(told()).toEqual(['1 blur', '1 hidden', '0 visible']);
    expect(world.tab(0).presence).toEqual({ ...seen, focus: false });
  });

  it('§10 the trace tells how each page is seen, as it is opened and whenever that changes', () => {
    const { world, of } = createBareWorld({ tabs: 2 });
    world.tab(1).focus();
    world.tab(1).focus();
    expect(of('presence').map(({ tab, visibility, focus }) => [tab, visibility, focus])).toEqual([
      [0, 'hidden', false],
      [0, 'visible', true],
      [1, 'hidden', false],
      [0, 'hidden', false],
      [1, 'visible', true],
    ]);
  });

  it('§10 of two windows side by side the other only loses the focus', () => {
    const { world, told } = createBareWorld({ tabs: 2, layout: 'windows' });
    world.tab(1).show();
    told();
    world.tab(1).focus();
    expect(told()).toEqual(['0 blur', '1 focus']);
    expect(world.tab(0).presence).toEqual({ ...seen, focus: false });
  });

  it('§10 blur and hide take away what they say, and twice is once', () => {
    const { world, told } = createBareWorld({ tabs: 1 });
    told();
    world.tab(0).blur();
    world.tab(0).hide();
    world.tab(0).hide();
    expect(told()).toEqual(['0 blur', '0 hidden']);
    world.tab(0).focus();
    expect(told()).toEqual(['0 visible', '0 focus']);
  });

  it('§10 a page that is closed is told, and the browser shows its neighbour', () => {
    const { world, told } = createBareWorld({ tabs: 3 });
    world.tab(2).focus();
    told();
    world.tab(2).close();
    expect(told()).toEqual(['2 pagehide', '2 blur', '2 hidden', '1 visible', '1 focus']);
    world.tab(0).close();
    expect(told()).toEqual(['0 pagehide']);
    world.tab(1).close();
    expect(world.tabs.map(({ isOpen }) => isOpen)).toEqual([false, false, false]);
  });

  it('§10 the neighbour is seen as the closed one was; a closed window leaves nobody in its place', () => {
    const blurred = createBareWorld({ tabs: 2 });
    blurred.world.tab(0).blur();
    blurred.world.tab(0).close();
    expect(blurred.world.tab(1).presence).toEqual({ ...seen, focus: false });
    const windows = createBareWorld({ tabs: 2, layout: 'windows' });
    windows.world.tab(0).close();
    expect(windows.world.tab(1).presence).toEqual(hidden);
  });

  it('§10 a page that crashes is told nothing, and stays in the way', () => {
    const { world, told } = createBareWorld({ tabs: 2 });
    told();
    world.tab(0).crash();
    expect(told()).toEqual([]);
    expect(world.tab(1).presence).toEqual(hidden);
  });

  it('§10 a tab that is opened again is another page, with the focus unless told otherwise', () => {
    const { world, told } = createBareWorld({ tabs: 2 });
    const before = world.tab(1).tokens;
    world.tab(1).close();
    told();
    world.tab(1).open();
    expect(told()).toEqual(['0 blur', '0 hidden', '1 visible', '1 focus']);
    expect(world.tab(1).tokens).not.toBe(before);
    world.tab(0).close();
    world.tab(0).open({ focus: false });
    expect(world.tabs.map(({ presence }) => presence)).toEqual([hidden, seen]);
  });
});

/** Notes when timers of a tab fire, in ms since the world began. */
function timersOf({ world, ports }: ReturnType<typeof createBareWorld>, tab: number) {
  const fired: [string, number][] = [];
  const { clock } = ports(tab);
  return { fired, set: (name: string, ms: number) => clock.setTimeout(() => fired.push([name, world.at]), ms), clock };
}

describe('createWorld: time in a tab', () => {
  it('§10 a frozen page is told before; its timers stand still, and those that were due fire in order when it is thawed', async () => {
    const bare = createBareWorld({ tabs: 1 });
    const { world, told } = bare;
    const { fired, set, clock } = timersOf(bare, 0);
    told();
    set('b', 2_000);
    set('a', 1_000);
    const cleared = set('cleared', 1_500);
    set('later', 6_000);
    world.tab(0).freeze();
    expect(told()).toEqual(['0 blur', '0 hidden', '0 freeze']);
    await world.advance(4_000);
    expect([fired, world.tab(0).isFrozen]).toEqual([[], true]);
    clock.clearTimeout(cleared);
    world.tab(0).resume();
    await world.advance(0);
    expect(told()).toEqual(['0 resume']);
    expect(fired).toEqual([
      ['a', 4_000],
      ['b', 4_000],
    ]);
    await world.advance(2_000);
    expect(fired.at(-1)).toEqual(['later', 6_000]);
    expect(world.tab(0).presence).toEqual(hidden);
  });

  it('§10 a page that is frozen again before it got to its tasks does them later', async () => {
    const bare = createBareWorld({ tabs: 1 });
    const { fired, set } = timersOf(bare, 0);
    set('a', 1_000);
    bare.world.tab(0).freeze();
    await bare.world.advance(2_000);
    bare.world.tab(0).resume();
    bare.world.tab(0).freeze();
    await bare.world.advance(1_000);
    expect(fired).toEqual([]);
    bare.world.tab(0).resume();
    await bare.world.advance(0);
    expect(fired).toEqual([['a', 3_000]]);
  });

  it.each(['close', 'crash'] as const)(
    '§10 after %s no timer fires, no answer arrives, nothing can be set',
    async (how) => {
      const bare = createBareWorld({ tabs: 2 });
      const { world, ports } = bare;
      const { fired, set } = timersOf(bare, 0);
      set('before', 1_000);
      set('long before', 60_000);
      const read = watch(Promise.resolve(ports(0).store.read('x')));
      world.tab(0)[how]();
      set('after', 1_000);
      set('long after', 60_000);
      void ports(0).store.update('x', () => ({ v: 1, generation: 1, epoch: 0 }));
      const late = watch(Promise.resolve(ports(0).store.read('x')));
      ports(0).channel?.post({ is: 'ask' });
      expect(ports(0).cookie?.write('a.b.c', { expiresAt: start + 60_000 })).toEqual({ status: 'unchanged' });
      await world.advance(5_000);
      expect([fired, late.settled]).toEqual([[], false]);
      expect(read.settled).toBe(true);
      expect(bare.of('message')).toEqual([]);
      expect([world.cookies.values, await ports(1).store.read('x'), world.clock.pending]).toEqual([[], undefined, 0]);
    },
  );

  it('§10 one page stands still, the others go on', async () => {
    const bare = createBareWorld({ tabs: 2 });
    const [still, other] = [timersOf(bare, 0), timersOf(bare, 1)];
    still.set('still', 1_000);
    other.set('other', 1_000);
    bare.told();
    const toldMeanwhile: string[] = [];
    bare.world.clock.setTimeout(bare.world.tab(0).hide, 1_000);
    bare.world.clock.setTimeout(() => toldMeanwhile.push(...bare.told()), 2_000);
    await bare.world.tab(0).sleep(5_000);
    expect([toldMeanwhile, bare.told()]).toEqual([[], ['0 blur', '0 hidden']]);
    expect(other.fired).toEqual([['other', 1_000]]);
    expect(still.fired).toEqual([['still', 5_000]]);
  });

  it('§9 while the machine sleeps the wall and the server go on, timers and monotonic time do not', async () => {
    const bare = createBareWorld({ tabs: 1 });
    const { world } = bare;
    const { fired, set, clock } = timersOf(bare, 0);
    set('late', 1_000);
    set('in its own time', 100_000);
    await world.sleep(60_000);
    expect([clock.now(), clock.monotonicNow(), world.server.now(), world.at]).toEqual([
      start + 60_000,
      0,
      start + 60_000,
      60_000,
    ]);
    expect(fired).toEqual([['late', 60_000]]);
    await world.advance(100_000);
    expect(fired.at(-1)).toEqual(['in its own time', 160_000]);
  });

  it('§9 a wall clock that is set moves neither timers, nor the server, nor the trace', async () => {
    const bare = createBareWorld({ tabs: 1 });
    const { world } = bare;
    const { fired, set, clock } = timersOf(bare, 0);
    set('a', 1_000);
    world.skew(-3_600_000);
    expect([clock.now(), clock.monotonicNow(), world.server.now(), world.at]).toEqual([start - 3_600_000, 0, start, 0]);
    await world.advance(1_000);
    expect(fired).toEqual([['a', 1_000]]);
  });

  it('§9 without a worker a hidden page’s timers fire once a second, and after a minute once a minute', async () => {
    const bare = createBareWorld({ tabs: 1, timers: 'page' });
    const { world } = bare;
    const { fired, set } = timersOf(bare, 0);
    set('seen', 250);
    await world.advance(400);
    world.tab(0).hide();
    set('hidden', 250);
    await world.advance(70_000);
    set('long hidden', 250);
    await world.advance(60_000);
    world.tab(0).focus();
    set('seen again', 250);
    await world.advance(250);
    expect(fired).toEqual([
      ['seen', 250],
      ['hidden', 1_000],
      ['long hidden', 120_000],
      ['seen again', 130_650],
    ]);
  });

  it('§9 with a worker they fire on time', async () => {
    const bare = createBareWorld({ tabs: 1 });
    const { fired, set } = timersOf(bare, 0);
    bare.world.tab(0).hide();
    set('hidden', 250);
    await bare.world.advance(400);
    expect(fired).toEqual([['hidden', 250]]);
  });
});

describe('createWorld: the back/forward cache', () => {
  it('§10 a page goes there frozen, and comes back seen', async () => {
    const bare = createBareWorld({ tabs: 1 });
    const { world, told } = bare;
    const { fired, set } = timersOf(bare, 0);
    told();
    set('a', 1_000);
    world.tab(0).pagehide();
    expect(told()).toEqual(['0 pagehide', '0 blur', '0 hidden']);
    await world.advance(5_000);
    expect(fired).toEqual([]);
    world.tab(0).pageshow();
    await world.advance(0);
    expect(told()).toEqual(['0 pageshow', '0 visible', '0 focus']);
    expect(fired).toEqual([['a', 5_000]]);
  });

  it('§10 a message on a channel that was left open evicts it', async () => {
    const { world, ports, of } = createBareWorld({ tabs: 3 });
    for (const tab of [0, 1]) ports(tab).channel?.subscribe(() => {});
    for (const tab of [0, 1]) world.tab(tab).pagehide();
    ports(1).channel?.suspend?.();
    ports(2).channel?.post({ is: 'ask' });
    await world.advance(1);
    expect(world.tabs.map(({ isOpen }) => isOpen)).toEqual([false, true, true]);
    expect(of('fault')).toMatchObject([{ tab: 0, fault: 'evicted' }]);
  });
});

describe('createWorld: commands', () => {
  const closed: [string, (tab: Tab) => unknown][] = [
    ['close', (tab) => tab.close()],
    ['focus', (tab) => tab.focus()],
    ['offline', (tab) => tab.offline()],
    ['start', (tab) => tab.start()],
    ['signOut', (tab) => tab.signOut()],
    ['read', (tab) => tab.read()],
  ];
  it.each(closed)('§10 %s on a closed tab is a mistake', (_, command) => {
    const world = createWorld({ tabs: 1 });
    world.tab(0).close();
    expect(() => command(world.tab(0))).toThrow(/tab\(0\) is closed/);
  });

  it('§10 so is opening one that is open, and focusing one that is frozen', () => {
    const world = createWorld({ tabs: 2 });
    expect(() => world.tab(0).open()).toThrow(/open already/);
    world.tab(0).freeze();
    expect(() => world.tab(0).focus()).toThrow(/frozen/);
    world.tab(1).close();
    expect(() => world.signOut()).toThrow(/no tab that is open/);
  });

  it('§10 tabs are opened later where that is wanted', () => {
    const world = createWorld({ tabs: 1, open: false });
    expect(world.trace).toHaveLength(1);
    expect(() => world.tab(0).tokens).toThrow(/never been open/);
    world.tab(0).open();
    expect(world.tab(0).isOpen).toBe(true);
  });

  it.each([
    ['createWorld.tabs', { tabs: 0 }],
    ['createWorld.seed', { seed: 1.5 }],
    ['createWorld.session.id', { session: { id: '' } }],
    ['createWorld.layout', { layout: 'mosaic' }],
    ['createWorld.shared.store', { shared: { store: 'maybe' } }],
    ['createWorld.shared.locks', { shared: { locks: true } }],
    ['createWorld.colour', { colour: 'red' }],
    ['policy.retries', { policy: { retries: -1 } }],
  ])('§12 %s is checked', (option, options) => {
    expect(() => createWorld(options as never)).toThrow(expect.objectContaining({ code: 'invalid_option', option }));
  });

  it('§12 there is no such tab', () => {
    expect(() => createWorld({ tabs: 2 }).tab(2)).toThrow(/tab\(2\)/);
  });
});
