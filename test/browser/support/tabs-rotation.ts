/** Tabs that share one refresh token of single use, at a server that kills the session when a spent one comes again. */
import type { RefreshPolicy } from '../../../index';
import { crash, type Tabs, until } from './tabs';
import type { TabConfig } from './tabs-config';
import { troublesOf } from './tabs-lives';

export const rotationLives = { ttlSeconds: 4 };
/** No tab leaves a refresh to another: they all want to spend in the same instant. */
const policy: Partial<RefreshPolicy> = {
  leewayMs: 1_800,
  leadMarginMs: 200,
  cutoffMs: 500,
  mintFloorMs: 200,
  takeoverGraceMs: 0,
};

export type RotationOptions = Pick<TabConfig, 'cache' | 'store'> & {
  readonly tabs: number;
  readonly expiries: number;
  /** After every so many mints the tab that minted last is closed or crashed, in turn, and another one opened. */
  readonly endEvery?: number;
};

export async function measureRotation(world: Tabs, options: RotationOptions) {
  const { tabs: count, expiries, endEvery, cache = 'web-storage', store } = options;
  const { server } = world;
  const config = {
    source: 'rotating',
    session: { id: 'sess_1' },
    policy,
    cache,
    readEveryMs: 500,
    ...(store && { store }),
  } as const;
  let tabs = await world.openAll(count, config);
  // Nobody looks at any of them: none is the first.
  const front = await world.blank();
  const opening = server.mints.length;
  const mints = () => server.mints.slice(opening);
  const ended: ('closed' | 'crashed')[] = [];
  const troubles: Awaited<ReturnType<typeof troublesOf>>[] = [];

  while (mints().length < expiries) {
    const target = Math.min(expiries, mints().length + (endEvery ?? expiries));
    await until(
      `mint ${target}`,
      () => mints().length >= target || server.authority.reuses > 0,
      60_000 + target * 6_000,
    );
    if (server.authority.reuses > 0) break;
    const last = tabs.find(({ name }) => name === mints().at(-1)?.tab);
    if (endEvery === undefined || !last || target === expiries) continue;
    // What it was given is committed: nobody can know what became of a refresh token that ends with its tab.
    const isCommitted = async (): Promise<boolean> =>
      (await last.events('refresh.succeeded')).length === server.mints.filter(({ tab }) => tab === last.name).length;
    await until('the mint is over', isCommitted);
    troubles.push(await troublesOf([last]));
    const how = ended.length % 2 === 0 ? 'closed' : 'crashed';
    await (how === 'closed' ? last.page.close() : crash(last));
    ended.push(how);
    tabs = [...tabs.filter((tab) => tab !== last), await world.open({ ...config, tab: `tab${count + ended.length}` })];
    await front.bringToFront();
  }
  await until('the last answer', () => mints().every(({ status }) => status !== undefined));
  troubles.push(await troublesOf(tabs));
  const sum = (of: 'expired' | 'signedOut' | 'uncaught'): number =>
    troubles.reduce((total, each) => total + each[of], 0);
  return {
    mints: mints().length,
    answered: mints().filter(({ status }) => status === 200).length,
    reuses: server.authority.reuses,
    byTabs: new Set(mints().map(({ tab }) => tab)).size,
    closed: ended.filter((how) => how === 'closed').length,
    crashed: ended.filter((how) => how === 'crashed').length,
    seconds: Math.round(((mints().at(-1)?.at ?? 0) - (mints()[0]?.at ?? 0)) / 1_000),
    expired: sum('expired'),
    signedOut: sum('signedOut'),
    uncaught: sum('uncaught'),
  };
}
