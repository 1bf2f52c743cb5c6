/** How many mints a browser full of tabs makes. */
import type { RefreshPolicy } from '../../../index';
import { type Tab, type Tabs, until } from './tabs';
import type { Seen, TabConfig } from './tabs-config';
import type { MintSeen } from './tabs-server';

/** For tokens of 7 s: a mint every 3 to 4 s, since `iat` has whole seconds. */
export const shortLives = { ttlSeconds: 7 };
export const shortPolicy: Partial<RefreshPolicy> = { leewayMs: 2_500, leadMarginMs: 500, cutoffMs: 1_000 };

/** Mints of one life come closer together than this, in ms; those of two lives do not. */
const lifeGapMs = 2_000;

/** Mints by the life of the token that they replace. */
export function livesOf(mints: readonly MintSeen[]): MintSeen[][] {
  const lives: MintSeen[][] = [];
  for (const mint of mints) {
    const last = lives.at(-1);
    if (last && mint.at - (last.at(-1)?.at ?? 0) < lifeGapMs) last.push(mint);
    else lives.push([mint]);
  }
  return lives;
}

/** Waits for so many whole lives after an instant: the mints of each. */
export async function measureSpan({ server }: Pick<Tabs, 'server'>, fromMs: number, lives: number): Promise<number[]> {
  const found = () => livesOf(server.mints.filter(({ at }) => at >= fromMs));
  // The mints of the last life may still be coming in.
  await until(`${lives} lives`, () => found().length > lives, (lives + 2) * 6_000);
  return found()
    .slice(0, lives)
    .map((life) => life.length);
}

/** The most mints that arrived within any 100 ms. */
export const peakOf = (mints: readonly MintSeen[]): number =>
  Math.max(0, ...mints.map(({ at }) => mints.filter((other) => other.at >= at && other.at < at + 100).length));

/** What went wrong in any of the tabs, summed up. */
export async function troublesOf(tabs: readonly Tab[]) {
  const seen: Seen[] = await Promise.all(tabs.map((tab) => tab.seen()));
  const count = (one: (seen: Seen) => number): number => seen.reduce((sum, each) => sum + one(each), 0);
  return {
    served: count(({ reads }) => reads.served),
    expired: count(({ reads }) => reads.expired),
    latestMs: Math.max(...seen.map(({ reads }) => reads.latestMs)),
    failed: count(({ reads }) => reads.failed),
    uncaught: count(({ uncaught }) => uncaught.length),
    signedOut: count(({ events }) => events.filter(({ type }) => type === 'session.signedOut').length),
    reports: seen.map(({ events }) =>
      events.filter(({ type }) => type === 'adapter.failed').map(({ where, why }) => `${where} ${why}`),
    ),
  };
}

export type LivesOptions = {
  readonly tabs: number;
  readonly lives: number;
  /** All are hidden, and none leaves a refresh to another: they all want to mint in the same instant. */
  readonly race?: boolean;
} & Omit<TabConfig, 'tab' | 'session'>;

/** Opens the tabs, and lets so many tokens live and end. */
export async function measureLives(world: Tabs, { tabs: count, lives, race = false, ...config }: LivesOptions) {
  const policy = race ? { ...shortPolicy, takeoverGraceMs: 0 } : shortPolicy;
  const tabs = await world.openAll(count, { session: { id: 'sess_1' }, policy, ...config });
  if (race) await world.blank();
  const opening = world.server.mints.length;
  const whileOpening = livesOf(world.server.mints).map((life) => life.length);
  const since = () => world.server.mints.slice(opening);
  const perLife = await measureSpan(world, since()[0]?.at ?? Date.now(), lives);
  return {
    whileOpening,
    perLife,
    mints: perLife.reduce((sum, mints) => sum + mints, 0),
    peak: peakOf(since()),
    ...(await troublesOf(tabs)),
  };
}

/** The same where no token gets from tab to tab: each has lives of its own. */
export async function measureLonely(world: Tabs, { tabs: count, lives, ...config }: LivesOptions) {
  const tabs = await world.openAll(count, { session: { id: 'sess_1' }, policy: shortPolicy, ...config });
  const opening = world.server.mints.length;
  const since = () => world.server.mints.slice(opening);
  const mintsOf = (name: string): number => since().filter((mint) => mint.tab === name).length;
  await until(`${lives} lives`, () => tabs.every(({ name }) => mintsOf(name) >= lives), (lives + 2) * 6_000);
  const tookMs = Date.now() - (since()[0]?.at ?? 0);
  return {
    perTab: tabs.map(({ name }) => mintsOf(name)),
    /** A token is good for that long before it is replaced, at the least. */
    livesAtMost: Math.ceil(tookMs / 3_000) + 1,
    mints: since().length,
    peak: peakOf(since()),
    ...(await troublesOf(tabs)),
  };
}
