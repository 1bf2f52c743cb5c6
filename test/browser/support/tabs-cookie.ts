/** Whose cookie it is: two users in turn, two organizations at once, and a sibling that tosses one of its own. */
import type { Page } from 'playwright-core';
import { type Tab, type Tabs, until } from './tabs';
import type { TabPage } from './tabs-config';
import { changesIn, lookIntoJar, sampleJar } from './tabs-jar';
import { shortPolicy, troublesOf } from './tabs-lives';

/** What the page's script finds. */
declare const tab: TabPage;

const signIn = ({ page }: Tab, id: string) => page.evaluate((one) => tab.tokens.signIn({ session: { id: one } }), id);

async function focus({ page }: { readonly page: Page }): Promise<void> {
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus(), undefined, { polling: 20 });
}

/** Waits until a tab has minted so many more. */
async function mintsMore(world: Tabs, name: string, more: number): Promise<void> {
  const count = () => world.server.mints.filter((mint) => mint.tab === name && mint.status === 200).length;
  const before = count();
  await until(`${more} mints of ${name}`, () => count() >= before + more, 30_000);
}

/** Ada in one tab, then Bob in another one, while Ada's goes on; then Ada again. */
export async function measureUsersInTurn(world: Tabs) {
  const config = { policy: shortPolicy, cookie: true, session: null } as const;
  const [ada, bob] = [await world.open({ ...config, tab: 'ada' }), await world.open({ ...config, tab: 'bob' })];
  const jar = sampleJar(world);
  await focus(ada);
  await signIn(ada, 'sess_ada');
  await ada.reaches('fresh');
  await mintsMore(world, 'ada', 1);
  await focus(bob);
  await signIn(bob, 'sess_bob');
  await bob.reaches('fresh');
  await mintsMore(world, 'ada', 2);
  // Looked at again, Ada's tab goes on by itself; the cookie is Bob's, who signed in later.
  await focus(ada);
  await mintsMore(world, 'ada', 1);
  await mintsMore(world, 'bob', 1);
  const again = Date.now();
  await signIn(ada, 'sess_ada');
  await mintsMore(world, 'ada', 1);
  await focus(bob);
  await mintsMore(world, 'bob', 2);
  await jar.end();
  const [first, second] = [jar.samples.filter(({ at }) => at < again), jar.samples.filter(({ at }) => at >= again)];
  const { signedOut, uncaught, reports } = await troublesOf([ada, bob]);
  return {
    changes: changesIn(first),
    changesAgain: changesIn(second),
    samples: jar.samples.length,
    signedOut,
    uncaught,
    reports,
  };
}

/** One session, an organization in each of two tabs, and a user who goes from one to the other and back. */
export async function measureOrganizations(world: Tabs, turns: number) {
  const config = { policy: shortPolicy, cookie: true } as const;
  const inOrganization = (organizationId: string) => ({ id: 'sess_1', organizationId });
  const tabs: Record<string, Tab> = {};
  for (const name of ['org_a', 'org_b']) {
    const opened = await world.open({ ...config, tab: name, session: inOrganization(name) });
    await opened.reaches('fresh');
    tabs[name] = opened;
  }
  const names = Object.keys(tabs);
  const jar = sampleJar(world);
  const focused: { readonly at: number; readonly name: string }[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const name = names[turn % names.length] ?? '';
    const chosen = tabs[name];
    if (!chosen) break;
    await focus(chosen);
    focused.push({ at: Date.now(), name });
    // Both go on minting, whoever is looked at; what the hidden one does to the cookie is there to be seen for a life.
    await mintsMore(world, names[(turn + 1) % names.length] ?? '', 2);
  }
  await jar.end();
  const [first] = focused;
  const counted = jar.samples.filter(({ at }) => first && at > first.at);
  const wrong = counted.filter(({ at, organizationId }) => {
    // Looked at in between: either is right.
    const isNow = focused.filter((one) => one.at <= at).at(-1);
    const isNext = focused.some((one) => one.at > at && one.at - at < 150 && one.name === organizationId);
    return organizationId !== isNow?.name && !isNext;
  });
  return {
    turns: focused.length,
    changes: changesIn(counted).length,
    samples: counted.length,
    wrong: wrong.length,
    ...(await troublesOf(Object.values(tabs))),
  };
}

/** A page of a sibling host sets a cookie of our name for the domain that both share. */
export async function measureTossed(world: Tabs) {
  const name = '__session';
  const config = { session: { id: 'sess_1' }, policy: shortPolicy, cookie: { name } } as const;
  const ours = await world.open({ ...config, tab: 'ours' });
  await ours.reaches('fresh');
  const evil = await world.blank('evil.shop.localhost');
  const tossed = await world.server.authority.sign({ sessionId: 'sess_evil' });
  const toss = () =>
    evil.evaluate(
      ([cookie, value]) => {
        // biome-ignore lint/suspicious/noDocumentCookie: this is the attack.
        document.cookie = `${cookie}=${value}; Domain=shop.localhost; Path=/`;
      },
      [name, tossed] as const,
    );
  await toss();
  const seenByOurs = await ours.page.evaluate((cookie) => document.cookie.split(`${cookie}=`).length - 1, name);
  await focus(ours);
  await mintsMore(world, 'ours', 2);
  const reported = (await troublesOf([ours])).reports.flat();
  const { sessionId } = await ours.state();
  const read = await world.server.authority.verify((await ours.read()) ?? '');
  const jar = await world.browser.context.cookies(world.server.blank('app.shop.localhost'));
  await toss();
  const later = await world.open({ ...config, tab: 'later' });
  await later.reaches('fresh');
  const laterRead = await world.server.authority.verify((await later.read()) ?? '');
  return {
    seenByOurs,
    reported,
    sessions: [sessionId, read.sid, laterRead.sid, (await later.state()).sessionId],
    cookies: jar.filter((cookie) => cookie.name === name).map(({ domain }) => domain),
    cookieIsOf: (await lookIntoJar(world, name)).sessionId,
    ...(await troublesOf([ours, later])),
  };
}
