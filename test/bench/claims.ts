/** The numbers that the project promises, counted in virtual time: `npm run bench:claims`. */
import { decodeToken } from '../../adapters/token/decode';
import { createTab, type TabOptions } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const minute = 60_000;
const show = (claim: string, value: unknown): void =>
  console.log(`${claim.padEnd(74)} ${Array.isArray(value) ? value.join(', ') : value}`);

async function started(options: TabOptions = {}) {
  const tab = createTab(options);
  await tab.startFresh();
  return tab;
}

/** Tokens that `peek` gave although they had expired on the server. */
async function expiredReads(tab: Awaited<ReturnType<typeof started>>, forMs: number, everyMs = 500): Promise<number> {
  let expired = 0;
  for (let at = 0; at < forMs; at += everyMs) {
    await tab.clock.advance(everyMs);
    const token = tab.tokens.peek();
    if (token !== null && (decodeToken(token).expiresAt ?? 0) <= tab.server.now()) expired += 1;
  }
  return expired;
}

for (const ttlSeconds of [60, 120, 200, 300]) {
  const tab = await started({ server: { ttlSeconds } });
  await tab.clock.advance(300_000);
  show(`token of ${ttlSeconds} s: background refresh at (ms)`, tab.server.instants[1]);
}

const failing = createTab();
failing.server.respondWith({ do: 'status', status: 503 });
failing.tokens.start();
failing.watch(failing.tokens.getToken());
await failing.clock.advance(162_000);
show('503 for ever, one reader: tries at (ms)', failing.server.instants);

const offline = createTab();
offline.connectivity.set(false);
offline.tokens.start();
const refused = offline.watch(offline.tokens.getToken());
await offline.clock.advance(20_000);
show('offline: requests, the error, when (ms)', [
  offline.server.instants.length,
  (refused.error as Error).name,
  refused.at,
]);
offline.connectivity.set(true);
const back = offline.watch(offline.tokens.getToken());
await offline.clock.advance(1_000);
show('online again: a token after (ms)', (back.at ?? Number.NaN) - 20_000);

const stale = await started();
await stale.clock.advance(42_950);
const before = stale.server.issued[0];
const reads = await Promise.all([1, 2, 3].map(() => stale.tokens.getToken()));
show('three reads in the stale window: served the held token, mints', [
  reads.every((token) => token === before),
  stale.server.instants.length - 1,
]);

for (const perSecond of [1, 1_000]) {
  const tab = createTab();
  tab.server.respondWith({ do: 'status', status: 503 });
  tab.tokens.start();
  for (let second = 0; second < 600; second += 1) {
    for (let reader = 0; reader < perSecond; reader += 1) tab.tokens.getToken().catch(() => {});
    await tab.clock.advance(1_000);
  }
  show(`503 for 10 min, ${perSecond} readers a second: mints`, tab.server.instants.length);
}

for (const offsetMs of [0, 300_000, -300_000]) {
  for (const withDate of [false, true]) {
    const tab = await started({ server: { offsetMs, withDate } });
    const expired = await expiredReads(tab, 10 * minute);
    const { clockOffsetMs } = tab.tokens.getState();
    show(`clock off by ${offsetMs / 1_000} s, Date ${withDate}: mints in 10 min, expired reads, offset`, [
      tab.server.instants.length,
      expired,
      clockOffsetMs,
    ]);
  }
}
for (const jumpMs of [7_200_000, -7_200_000]) {
  const tab = await started();
  await tab.clock.advance(20_000);
  tab.clock.skew(jumpMs);
  const expired = await expiredReads(tab, 10 * minute);
  show(`clock jumps by ${jumpMs / 3_600_000} h: mints in 10 min, expired reads`, [tab.server.instants.length, expired]);
}

const outage = await started();
outage.server.respondWith({ do: 'outage' });
await outage.clock.advance(8 * 43_000);
show(
  '422 outage: requests (p: with the held token)',
  outage.server.requests.map(({ at, request }) => `${at}${request.lastToken ? 'p' : ''}`),
);

/** Requests per minute from the second minute on, while somebody reads every second. */
async function perMinute(behaviour: Behaviour, flaps = false): Promise<number[]> {
  const tab = await started();
  tab.server.respondWith(behaviour);
  for (let second = 0; second < 600; second += 1) {
    tab.tokens.getToken().catch(() => {});
    if (flaps) tab.connectivity.set(second % 2 === 0);
    await tab.clock.advance(1_000);
  }
  return Array.from(
    { length: 9 },
    (_, index) => tab.server.instants.filter((at) => Math.floor(at / minute) === index + 1).length,
  );
}
const repeated = await started();
const [token] = repeated.server.issued;
show('an edge that repeats one token: requests in each minute', await perMinute({ do: 'answer', result: { token } }));
show(
  'an edge with tokens that are always 40 s old: requests in each minute',
  await perMinute({ do: 'mint', ageSeconds: 40 }),
);
show('a link that flaps under a 503: requests in each minute', await perMinute({ do: 'status', status: 503 }, true));
show('401 with the session active: requests in each minute', await perMinute({ do: 'status', status: 401 }));
show('404 for ever: requests in each minute', await perMinute({ do: 'status', status: 404 }));

for (const ttlSeconds of [4, 8, 18, 60, 3_600]) {
  const tab = await started({ server: { ttlSeconds } });
  const forMs = Math.max(10 * minute, 3 * ttlSeconds * 1_000);
  const expired = await expiredReads(tab, forMs, 250);
  show(`lifetime ${ttlSeconds} s for ${forMs / minute} min: mints, expired reads`, [
    tab.server.instants.length,
    expired,
  ]);
}
const month = await started({ server: { ttlSeconds: 30 * 86_400 } });
month.presence.set({ visibility: 'unknown' });
const monthExpired = await expiredReads(month, 65 * 86_400_000, 3_600_000);
show('lifetime 30 days for 65 days: mints, expired reads', [month.server.instants.length, monthExpired]);
