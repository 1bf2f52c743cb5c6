/** Browsers that lack something: two tabs, which have to do without. */

import { type Tab, type Tabs, until } from './tabs';
import type { TabConfig } from './tabs-config';
import { shortPolicy, troublesOf } from './tabs-lives';
import type { TabHost } from './tabs-server';

export type Lack = 'channel' | 'locks' | 'workers' | 'storage';

type Place = { readonly host?: TabHost; readonly csp?: string };

const places: Record<Lack, { readonly config: Omit<TabConfig, 'tab'>; readonly place: Place }> = {
  channel: { config: { without: ['BroadcastChannel'] }, place: {} },
  // No secure context: no Web Locks either, and the shipped source refuses to send a token there.
  locks: { config: { source: 'plain' }, place: { host: 'app.shop.test' } },
  workers: { config: {}, place: { csp: "worker-src 'none'" } },
  // Everything that is stored throws a SecurityError.
  storage: { config: { cache: 'web-storage', cookie: true }, place: { csp: 'sandbox allow-scripts' } },
};

export async function measureLack(world: Tabs, lack: Lack, lives: number) {
  const { server } = world;
  const { config, place } = places[lack];
  const tabs: Tab[] = [];
  for (const name of ['one', 'two']) {
    const all = { session: { id: 'sess_1' }, policy: shortPolicy, readEveryMs: 500, ...config, tab: name };
    const opened = await world.open(all, place);
    await opened.reaches('fresh');
    tabs.push(opened);
  }
  const opening = server.mints.length;
  const lived = async () =>
    (await Promise.all(tabs.map(async (one) => (await one.events('token.updated')).length))).every(
      (tokens) => tokens > lives,
    );
  await until(`${lives} lives`, lived, (lives + 2) * 6_000);
  const states = await Promise.all(tabs.map(async (one) => (await one.state()).status));
  return { mints: server.mints.length - opening, states, ...(await troublesOf(tabs)) };
}
