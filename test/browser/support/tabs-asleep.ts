/** Pages that nobody looks at: slowed down, frozen, or in the back/forward cache. */

import { type Tab, type Tabs, until } from './tabs';
import type { TabPage } from './tabs-config';
import { shortPolicy, troublesOf } from './tabs-lives';

/** What the page's script finds. */
declare const tab: TabPage;

const config = { session: { id: 'sess_1' }, policy: shortPolicy, readEveryMs: 250 } as const;
const mintsOf = ({ server }: Tabs, name: string): number => server.mints.filter((mint) => mint.tab === name).length;

/** Until the token that a tab holds now has run out; looked at from outside. */
async function expires(one: Tab): Promise<void> {
  const { expiresAt } = await one.state();
  await until('the token has expired', () => Date.now() > (expiresAt ?? 0) + 500, 30_000);
}

async function readsFresh(world: Tabs, one: Tab) {
  const before = mintsOf(world, one.name);
  const asked = Date.now();
  const token = await one.read();
  return { servedAfterMs: Date.now() - asked, hasToken: token !== null, minted: mintsOf(world, one.name) - before };
}

/**
 * A page that was hidden before its first meaningful paint counts as loading, and is not slowed down to once a minute before it
 * was hidden for five.
 */
async function isPainted({ page }: Tab): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const painted = new Promise<void>((resolve) => {
    devTools.on('Page.lifecycleEvent', ({ name }) => {
      if (name === 'firstMeaningfulPaint') resolve();
    });
  });
  await devTools.send('Page.enable');
  // What has happened already is told as well.
  await devTools.send('Page.setLifecycleEventsEnabled', { enabled: true });
  await painted;
  await devTools.detach();
}

/**
 * Two pages hidden for minutes, until the browser runs their timers once a minute: one with a worker for its timers, one that
 * may have none.
 */
export async function measureHidden(world: Tabs) {
  const withWorker = await world.open({ ...config, tab: 'worker' });
  await isPainted(withWorker);
  const csp = "worker-src 'none'";
  const without = await world.open({ ...config, tab: 'none' }, { host: 'app.beta.localhost', csp });
  await isPainted(without);
  await Promise.all([withWorker.reaches('fresh'), without.reaches('fresh')]);
  await world.blank();
  const hidden = Date.now();
  const before = { worker: mintsOf(world, 'worker'), none: mintsOf(world, 'none') };
  let gaps: number[] = [];
  await until(
    'timers are slowed down to one a minute',
    async () => {
      const seen = await Promise.all([withWorker, without].map((one) => one.seen()));
      // Every look is a read as well, in either page, at whatever state it is in.
      await Promise.all([withWorker.peek(), without.peek()]);
      gaps = seen.map(({ timers }) => timers.longestGapMs);
      return gaps.every((ms) => ms > 20_000);
    },
    180_000,
  );
  const hiddenMs = Date.now() - hidden;
  const mints = {
    worker: mintsOf(world, 'worker') - before.worker,
    none: mintsOf(world, 'none') - before.none,
  };
  const shown: number[] = [];
  for (const one of [withWorker, without]) {
    const asked = Date.now();
    await one.page.bringToFront();
    await one.reaches('fresh');
    shown.push(Date.now() - asked);
  }
  return { hiddenMs, gaps, mints, shown, ...(await troublesOf([withWorker, without])) };
}

/** Frozen for longer than a token lives, alone or with a tab beside it that stays awake. */
export async function measureFrozen(world: Tabs, company: boolean) {
  const sleeper = await world.open({ ...config, tab: 'sleeper' });
  await sleeper.reaches('fresh');
  const other = company ? await world.open({ ...config, tab: 'other' }) : null;
  await (other ? other.reaches('fresh') : world.blank());
  const devTools = await world.browser.context.newCDPSession(sleeper.page);
  await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await expires(sleeper);
  const whileFrozen = { peek: await sleeper.peek(), mints: mintsOf(world, 'sleeper') };
  await devTools.send('Page.setWebLifecycleState', { state: 'active' });
  const read = await readsFresh(world, sleeper);
  await sleeper.reaches('fresh');
  return {
    mintsWhileFrozen: whileFrozen.mints - 1,
    servedWhileFrozen: whileFrozen.peek !== null,
    ...read,
    mintsAfter: mintsOf(world, 'sleeper') - whileFrozen.mints,
    ...(await troublesOf(other ? [sleeper, other] : [sleeper])),
  };
}

/** In the back/forward cache for longer than a token lives, and back. */
export async function measureBfcache(world: Tabs, company: boolean) {
  const { server } = world;
  const other = company ? await world.open({ ...config, tab: 'other' }) : null;
  await other?.reaches('fresh');
  const traveller = await world.open({ ...config, tab: 'traveller' });
  await traveller.reaches('fresh');
  const { expiresAt } = await traveller.state();
  const before = mintsOf(world, 'traveller');
  await traveller.page.goto(server.blank('app.beta.localhost'));
  await until('the token has expired', () => Date.now() > (expiresAt ?? 0) + 500, 30_000);
  const mintsAway = mintsOf(world, 'traveller') - before;
  const returning = Date.now();
  await traveller.page.goBack({ waitUntil: 'commit' });
  const isBack = (from: number): boolean => tab.seen.shown.length > (performance.timeOrigin < from ? 1 : 0);
  await traveller.page.waitForFunction(isBack, returning, { timeout: 15_000, polling: 20 });
  const { shown } = await traveller.seen();
  const reasons = await traveller.page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation');
    return JSON.stringify((navigation as unknown as { notRestoredReasons?: unknown }).notRestoredReasons ?? null);
  });
  const read = await readsFresh(world, traveller);
  return {
    persisted: shown.at(-1) ?? false,
    reasons,
    mintsAway,
    ...read,
    mintsAfter: mintsOf(world, 'traveller') - before - mintsAway,
    ...(await troublesOf(other ? [traveller, other] : [traveller])),
  };
}
