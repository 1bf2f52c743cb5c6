/** A browser that loses its network for longer than a token lives. */

import { type Tabs, until } from './tabs';
import { shortPolicy, troublesOf } from './tabs-lives';

/** Takes the network away across an expiry, and gives it back. */
export async function measureOffline(world: Tabs, count: number) {
  const { server, browser } = world;
  const tabs = await world.openAll(count, { session: { id: 'sess_1' }, policy: shortPolicy, cookie: true });
  await browser.context.setOffline(true);
  const before = server.mints.length;
  for (const tab of tabs) await tab.reaches('offline-retrying');
  await until('every token has expired', async () => {
    const held = await Promise.all(tabs.map((tab) => tab.peek()));
    return held.every((token) => token === null);
  });
  const mintsOffline = server.mints.length - before;
  const online = Date.now();
  await browser.context.setOffline(false);
  await Promise.all(tabs.map((tab) => tab.reaches('fresh')));
  const freshAfterMs = Date.now() - online;
  const tokens = await Promise.all(tabs.map((tab) => tab.peek()));
  return {
    mintsOffline,
    mints: server.mints.length - before,
    freshAfterMs,
    different: new Set(tokens).size,
    ...(await troublesOf(tabs)),
  };
}
