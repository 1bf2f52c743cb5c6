/** Signing out in one tab, while the others want tokens all the time. */

import { type Tabs, until } from './tabs';
import type { TabPage } from './tabs-config';
import { lookIntoJar } from './tabs-jar';
import { shortPolicy, troublesOf } from './tabs-lives';

/** What the page's script finds. */
declare const tab: TabPage;

/**
 * @param options.watchMs how long the cookie is watched afterwards
 */
export async function measureSignOut(world: Tabs, options: { readonly tabs: number; readonly watchMs: number }) {
  const { server } = world;
  const tabs = await world.openAll(options.tabs, { session: { id: 'sess_1' }, policy: shortPolicy, cookie: true });
  const [first, second] = tabs;
  if (!first || !second) throw new Error('Too few tabs.');
  // Asleep while it happens.
  await tabs.at(-1)?.page.bringToFront();
  const devTools = await world.browser.context.newCDPSession(second.page);
  await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
  const awake = tabs.filter((one) => one !== second);

  // The server goes on minting whatever it is asked for, and is slow: there is always something under way.
  server.latencyMs = 400;
  for (const { page } of awake) {
    await page.evaluate(() => {
      setInterval(() => tab.read({ skipCache: true }).catch(() => {}), 200);
    });
  }
  const before = server.mints.length;
  await until('mints follow each other', () => server.mints.length > before + 3);
  await until('one is under way', () => server.mints.some(({ status }) => status === undefined));
  const cookieBefore = (await lookIntoJar(world)).sessionId;

  const asked = Date.now();
  await first.page.evaluate(() => tab.tokens.signOut());
  const holding = async () =>
    (
      await Promise.all(
        awake.map(async (one) => (await one.peek()) !== null || (await one.state()).state !== 'signed-out'),
      )
    ).filter(Boolean).length;
  await until('no tab holds a token', async () => (await holding()) === 0);
  const goneAfterMs = Date.now() - asked;
  const mintsBefore = server.mints.length;
  await devTools.send('Page.setWebLifecycleState', { state: 'active' });
  await second.reaches('signed-out');
  // Looked at again, it has every reason to put the cookie right.
  await second.page.bringToFront();

  let samples = 0;
  let withCookie = 0;
  while (Date.now() - asked < options.watchMs) {
    const { sessionId } = await lookIntoJar(world);
    samples += 1;
    if (sessionId !== undefined) withCookie += 1;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const reads = await Promise.all(tabs.map((one) => one.read()));
  return {
    cookieBefore,
    goneAfterMs,
    samples,
    withCookie,
    mintsAfter: server.mints.length - mintsBefore,
    reads: reads.filter((token) => token !== null).length,
    ...(await troublesOf(tabs)),
  };
}
