/**
 * What the tabs of a real Chromium cost a server, and what their readers get: `npm run bench:tabs`.
 *
 * Prints the tables of docs/tabs.md. Takes about fifteen minutes; a word on the command line picks the rows that have it in
 * their name or title: `npm run bench:tabs -- offline`.
 */
import { startTabs, type Tabs } from '../browser/support/tabs';
import { measureBfcache, measureFrozen, measureHidden } from '../browser/support/tabs-asleep';
import { measureOrganizations, measureTossed, measureUsersInTurn } from '../browser/support/tabs-cookie';
import { measureLack } from '../browser/support/tabs-degraded';
import { measureForged } from '../browser/support/tabs-forged';
import { measureHandover } from '../browser/support/tabs-handover';
import { measureLives, measureLonely, shortLives } from '../browser/support/tabs-lives';
import { measureOffline } from '../browser/support/tabs-offline';
import { measureRotation, rotationLives } from '../browser/support/tabs-rotation';
import { measureSignOut } from '../browser/support/tabs-sign-out';

type Row = {
  readonly name: string;
  readonly ttlSeconds?: number;
  /** What was seen, in the words of the table. */
  measure(world: Tabs): Promise<string>;
};

type Read = { readonly expired: number; readonly signedOut: number };

/** The two things that must never be: said only where they are. */
const troubles = ({ expired, signedOut }: Read): string =>
  `${expired > 0 ? `; ${expired} EXPIRED TOKENS READ` : ''}${signedOut > 0 ? `; ${signedOut} SIGNED OUT` : ''}`;

/** `1, 1, 2` → `1 (2 times), 2 (once)`. */
function spread(counts: readonly number[]): string {
  const times = (count: number): number => counts.filter((one) => one === count).length;
  const each = [...new Set(counts)].sort((a, b) => a - b);
  if (each.length === 1) return `${each[0]}`;
  return each.map((count) => `${count} (${times(count)} of ${counts.length})`).join(', ');
}

const lives = (name: string, options: Parameters<typeof measureLives>[1]): Row => ({
  name,
  measure: async (world) => {
    const { mints, perLife, served, ...seen } = await measureLives(world, options);
    const reports = new Set(seen.reports.flat());
    const said = reports.size > 0 ? `; each tab said once: ${[...reports].join(', ')}` : '';
    const reads = served > 0 ? `; ${served} reads served` : '';
    return `${mints} mints in ${perLife.length} lives; per life ${spread(perLife)}${reads}${said}${troubles(seen)}`;
  },
});

const rotation = (name: string, options: Parameters<typeof measureRotation>[1]): Row => ({
  name,
  ...rotationLives,
  measure: async (world) => {
    const { mints, reuses, byTabs, closed, crashed, ...seen } = await measureRotation(world, options);
    const ended = closed + crashed > 0 ? `; ${closed} tabs closed, ${crashed} crashed` : '';
    return `${mints} mints, **${reuses} reuses**; spent by ${byTabs} tabs${ended}${troubles(seen)}`;
  },
});

const noChannel = { without: ['BroadcastChannel'] } as const;
const readers = { readEveryMs: 1_000 } as const;

const tables: Record<string, readonly Row[]> = {
  'Ten tabs': [
    lives('ten tabs, idle', { tabs: 10, lives: 10 }),
    lives('ten tabs, each calls getToken() every second', { tabs: 10, lives: 10, ...readers }),
    lives('all hidden, all want to mint in the same instant', { tabs: 10, lives: 10, race: true }),
    lives('no BroadcastChannel, a cookie', { tabs: 10, lives: 10, ...readers, ...noChannel, cookie: true }),
    lives('no BroadcastChannel, a shared cache', {
      tabs: 10,
      lives: 10,
      ...readers,
      ...noChannel,
      cache: 'web-storage',
    }),
    {
      name: 'no BroadcastChannel, no cookie, no shared cache',
      measure: async (world) => {
        const seen = await measureLonely(world, { tabs: 10, lives: 10, ...readers, ...noChannel });
        const { mints, perTab, peak } = seen;
        return `${mints} mints; per tab ${spread(perTab)}; at most ${peak} within 100 ms${troubles(seen)}`;
      },
    },
    lives('no Web Locks', { tabs: 10, lives: 10, ...readers, without: ['locks'] }),
    lives('no Web Locks, all want to mint in the same instant', {
      tabs: 10,
      lives: 10,
      race: true,
      without: ['locks'],
    }),
  ],
  'One refresh token of single use': [
    rotation('five tabs, closed and crashed in between', { tabs: 5, expiries: 60, endEvery: 6 }),
    rotation('the same, the refresh token in IndexedDB', { tabs: 5, expiries: 60, endEvery: 6, cache: 'indexed-db' }),
    rotation('the same, web storage for a store', { tabs: 5, expiries: 60, endEvery: 6, store: 'web-storage' }),
  ],
  'Network and neighbours': [
    {
      name: 'five tabs offline across an expiry, then online',
      measure: async (world) => {
        const seen = await measureOffline(world, 5);
        const { mintsOffline, mints, freshAfterMs } = seen;
        return `requests offline: ${mintsOffline}, mints after: ${mints}; all fresh after ${freshAfterMs} ms${troubles(seen)}`;
      },
    },
    ...(['closed', 'crashed', 'stuck'] as const).map((ending) => ({
      name: `the tab that mints is ${ending}; the lock is waited for 2 s`,
      measure: async (world: Tabs) => {
        const seen = await measureHandover(world, ending);
        return `another one mints after ${seen.afterMs} ms, ${seen.answered} token for all${troubles(seen)}`;
      },
    })),
  ],
  'Asleep, and back': [
    {
      name: 'hidden until page timers run once a minute',
      measure: async (world) => {
        const { hiddenMs, gaps, mints, shown, ...seen } = await measureHidden(world);
        return (
          `in ${Math.round(hiddenMs / 1_000)} s: ${mints.worker} mints with a worker, ${mints.none} without ` +
          `(longest gap of its timers ${Math.round((gaps[1] ?? 0) / 1_000)} s); shown again, fresh after ${shown.join(' and ')} ms${troubles(seen)}`
        );
      },
    },
    ...[false, true].flatMap((company): Row[] => {
      const beside = company ? 'beside a tab that is awake' : 'alone';
      return [
        {
          name: `frozen past its expiry, ${beside}`,
          measure: async (world) => {
            const seen = await measureFrozen(world, company);
            return `mints on resuming: ${seen.mintsAfter}, served after ${seen.servedAfterMs} ms${troubles(seen)}`;
          },
        },
        {
          name: `in the back/forward cache past its expiry, ${beside}`,
          measure: async (world) => {
            const seen = await measureBfcache(world, company);
            const from = seen.persisted ? 'came from the cache' : 'WAS LOADED ANEW';
            return `${from}; mints: ${seen.mintsAfter}, served after ${seen.servedAfterMs} ms${troubles(seen)}`;
          },
        },
      ];
    }),
  ],
  'Whose cookie it is': [
    {
      name: 'two users in turn',
      measure: async (world) => {
        const { changes, changesAgain, samples } = await measureUsersInTurn(world);
        return `${samples} looks: ${changes.join(' → ')}; Ada again: ${changesAgain.join(' → ')}`;
      },
    },
    {
      name: 'two organizations at once, the focus goes to and fro',
      measure: async (world) => {
        const seen = await measureOrganizations(world, 6);
        return `${seen.turns} turns, ${seen.samples} looks, **${seen.wrong}** at the wrong one${troubles(seen)}`;
      },
    },
    {
      name: 'a sibling host tosses a cookie of our name',
      measure: async (world) => {
        const seen = await measureTossed(world);
        const { reported, sessions, cookies } = seen;
        return `reported (${[...new Set(reported)].join(', ')}); all tabs stay in ${[...new Set(sessions)].join(', ')}; left: ${cookies.join(', ')}`;
      },
    },
    {
      name: 'forged messages on the channel',
      measure: async (world) => {
        const seen = await measureForged(world);
        return `${seen.sent} sent; per life ${spread(seen.perLife)} mint, all tokens ours, clock off by ${Math.max(...seen.offsets)} ms${troubles(seen)}`;
      },
    },
    {
      name: 'sign-out in one of five tabs that all force mints, one of them frozen',
      measure: async (world) => {
        const { goneAfterMs, samples, withCookie, mintsAfter } = await measureSignOut(world, {
          tabs: 5,
          watchMs: 60_000,
        });
        return `no token in any tab after ${goneAfterMs} ms; ${mintsAfter} mints after; cookie in ${withCookie} of ${samples} looks within a minute`;
      },
    },
  ],
  'Browsers that lack something': (['channel', 'locks', 'workers', 'storage'] as const).map((lack) => ({
    name: `two tabs without ${lack}`,
    measure: async (world: Tabs) => {
      const seen = await measureLack(world, lack, 5);
      const [reports = []] = seen.reports;
      const said = reports.length > 0 ? `each says once: ${reports.join(', ')}` : 'nothing to say';
      return `${seen.mints} mints in 5 lives; ${said}; status ${[...new Set(seen.states)].join(', ')}${troubles(seen)}`;
    },
  })),
};

const wanted = process.argv[2] ?? '';

for (const [title, rows] of Object.entries(tables)) {
  const chosen = rows.filter(({ name }) => name.includes(wanted) || title.includes(wanted));
  if (chosen.length === 0) continue;
  console.log(`\n### ${title}\n\n| what happens | what was seen |\n|---|---|`);
  for (const { name, ttlSeconds = shortLives.ttlSeconds, measure } of chosen) {
    const world = await startTabs({ ttlSeconds });
    try {
      console.log(`| ${name} | ${await measure(world)} |`);
    } finally {
      await world.close();
    }
  }
}
