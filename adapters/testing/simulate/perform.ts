/** Does one step of a schedule to a world. */
import type { GetTokenOptions } from '../../host/types';
import type { World } from '../world/create';
import type { Tab } from '../world/tab';
import { forgedMessage } from './forge';
import type { Deed } from './schedule';
import type { Weather } from './weather';

export type Stage = {
  readonly world: World;
  readonly weather: Weather;
  /** Tabs in the back/forward cache. */
  readonly cached: Set<Tab>;
};

type Of<Do extends Deed['do']> = Extract<Deed, { do: Do }>;

const sessions = { 1: 'sess_1', 2: 'sess_2' } as const;

/** Tabs that stand open, those that can run before those that are frozen. */
const openTabs = ({ world }: Stage): Tab[] => world.tabs.filter(({ isOpen }) => isOpen);

/** The tab that a step means: round and round among those that can do it. `undefined`: none can. */
function pick(tabs: readonly Tab[], index: number): Tab | undefined {
  return tabs.length === 0 ? undefined : tabs[index % tabs.length];
}

function read({ world }: Stage, tab: Tab, { kind, times, template, timeoutMs, abortAfterMs }: Of<'read'>): void {
  const what = template === undefined ? {} : { template };
  for (let count = 0; count < times; count += 1) {
    if (kind === 'peek') {
      tab.peek(what);
      continue;
    }
    const leaving = abortAfterMs === undefined ? undefined : new AbortController();
    const options: GetTokenOptions = {
      ...what,
      ...(kind === 'forced' && { skipCache: true }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(leaving && { signal: leaving.signal }),
    };
    tab.read(options);
    if (leaving) world.clock.setTimeout(() => leaving.abort(), abortAfterMs ?? 0);
  }
}

function goOffline(stage: Stage, { tab: index, silent, forMs }: Of<'offline'>): void {
  const { world } = stage;
  const tab = index === null ? world : pick(openTabs(stage), index);
  tab?.offline({ silent });
  world.clock.setTimeout(() => {
    if (tab && (!('isOpen' in tab) || tab.isOpen)) tab.online();
  }, forMs);
}

function restart(tab: Tab): void {
  tab.stop();
  tab.start();
}

function forge(stage: Stage, { what }: Of<'forge'>): void {
  const { world } = stage;
  const { sessionId, organizationId } = openTabs(stage)[0]?.tokens.getState() ?? { sessionId: null };
  const key = { sessionId: sessionId ?? sessions[1], ...(organizationId && { organizationId }) };
  world.forge(forgedMessage(what, key, world.server.now(), 'https://auth.test'));
}

/** Out of the freezer, or back from the back/forward cache. */
export function thaw({ cached }: Stage, tab: Tab | undefined): void {
  if (!tab?.isFrozen) return;
  if (cached.delete(tab)) tab.pageshow();
  else tab.resume();
}

/** What one does in a tab that runs. */
function inTab(stage: Stage, tab: Tab, deed: Extract<Deed, { tab: number }>): void {
  switch (deed.do) {
    case 'read':
      read(stage, tab, deed);
      break;
    case 'sign-in':
      tab.signIn(sessions[deed.user]);
      break;
    case 'sign-out':
      tab.signOut();
      break;
    case 'switch':
      // Nobody is signed in: there is nothing to switch.
      if (tab.tokens.getState().sessionId !== null) tab.switchTo({ organizationId: deed.organization });
      break;
    case 'restart':
      restart(tab);
      break;
    case 'show':
    case 'hide':
    case 'focus':
    case 'blur':
    case 'freeze':
    case 'pagehide':
    case 'close':
    case 'crash':
    case 'reject':
      if (deed.do === 'pagehide') stage.cached.add(tab);
      tab[deed.do]();
      break;
    default:
  }
}

/** Brings a deed about, or nothing, where no tab can do it. Sleep takes as long as it takes. */
export async function perform(stage: Stage, deed: Deed): Promise<void> {
  const { world, weather } = stage;
  switch (deed.do) {
    case 'sleep':
      return world.sleep(deed.ms);
    case 'skew':
      return world.skew(deed.ms);
    case 'offline':
      return goOffline(stage, deed);
    case 'open':
      return world.tabs.find(({ isOpen }) => !isOpen)?.open();
    case 'resume':
      thaw(
        stage,
        pick(
          openTabs(stage).filter(({ isFrozen }) => isFrozen),
          deed.tab,
        ),
      );
      return;
    case 'revoke':
      return world.server.revoke(sessions[deed.user]);
    case 'forge':
      return forge(stage, deed);
    case 'server':
      return weather.server.begin(deed, deed.forMs, deed.every);
    case 'network':
      return weather.network.begin(deed.fault, deed.forMs, deed.every);
    case 'messages':
      return weather.messages.begin(deed.fault, deed.forMs, deed.every);
    case 'storage':
      return weather.storage.begin(deed, deed.forMs, deed.every);
    case 'lock':
      return weather.locks.begin(deed.fault, deed.forMs, deed.every);
    default: {
      const tab = pick(
        openTabs(stage).filter(({ isFrozen }) => !isFrozen),
        deed.tab,
      );
      if (tab) inTab(stage, tab, deed);
    }
  }
}
