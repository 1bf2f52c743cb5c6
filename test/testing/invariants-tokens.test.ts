/** What readers, the cookie and the cache may have: S3, S4, S8. */
import { describe } from 'vitest';
import { forgedTokensIgnored } from '../../adapters/testing/invariants/forged';
import { onlyEverFresher } from '../../adapters/testing/invariants/fresher';
import { heldTokenStays } from '../../adapters/testing/invariants/held-token';
import { neverExpired } from '../../adapters/testing/invariants/unexpired';
import { bothWays } from './support/both-ways';
import { type HandMade, key, token, value } from './support/hand-made';

const first = token('aaaa0001', 0);
const second = token('aaaa0002', 43);

describe('S3', () => {
  const { keeps, breaks } = bothWays(heldTokenStays);
  const hold = (world: HandMade) => world.reads(1, 0, first);

  keeps('refreshes fail and readers keep the token', (world) => {
    hold(world);
    world.fails(43, 0);
    world.reads(44, 0, first);
    world.reads(59, 0, first);
    world.reads(60, 0, 'offline');
  });
  keeps('a forced read fails, and plain ones do not', (world) => {
    hold(world);
    const forced = world.asks(5, 0, 'forced');
    world.reads(5.05, 0, first);
    world.gets(5.1, 0, forced, 'request_failed');
    world.reads(6, 0, first);
  });
  keeps('a reader gives up by itself', (world) => {
    hold(world);
    world.gets(57, 0, world.asks(56, 0, 'plain', 1_000), 'read_timeout');
  });
  keeps('an API refused the token', (world) => {
    hold(world);
    world.push({ is: 'command', at: 5_000, tab: 0, do: 'reject', fingerprint: first.fingerprint });
    world.fails(5, 0);
    world.reads(6, 0, 'request_failed');
  });
  keeps('the clock is set', (world) => {
    hold(world);
    world.setsClock(5, 3_600);
    world.reads(6, 0, 'offline');
  });
  keeps(
    'the clock of the machine is ahead, and the tab does not know',
    (world) => {
      world.is(0, 0, 'fresh');
      hold(world);
      world.reads(45, 0, 'offline');
    },
    { world: { wallStart: Date.UTC(2026, 0, 1) + 20_000 } },
  );
  keeps('a forced read brought another token while this one waited', (world) => {
    const waiting = world.asks(1, 0);
    world.gets(1.5, 0, world.asks(1.2, 0, 'forced'), first);
    world.gets(2, 0, waiting, 'request_failed');
  });
  keeps('a fresher token of another tab took its place, and ended earlier', (world) => {
    hold(world);
    world.updated(5, 0, token('aaaa0002', 4, { life: 5 }), 'peer');
    world.reads(10, 0, 'request_failed');
  });
  keeps('a mint brought one that ends earlier, when what was held was stale', (world) => {
    hold(world);
    world.mints(46, 0, token('aaaa0002', 45, { life: 3 }));
    world.reads(50, 0, 'request_failed');
  });
  breaks('a mint that ends earlier took its place', /got the error request_failed/, (world) => {
    hold(world);
    world.mints(5, 0, token('aaaa0002', 4, { life: 5 }));
    world.reads(10, 0, 'request_failed');
  });
  breaks('a fresher token of another tab took its place, and is hidden', /got the error request_failed/, (world) => {
    hold(world);
    world.updated(5, 0, token('aaaa0002', 4), 'peer');
    world.reads(10, 0, 'request_failed');
  });
  keeps('another tab has none', (world) => {
    hold(world);
    world.reads(2, 1, 'offline');
  });

  breaks('a failed refresh takes the token away', /got the error request_failed/, (world) => {
    hold(world);
    world.fails(43, 0);
    world.reads(44, 0, 'request_failed');
  });
  breaks('a running refresh hides it from peek', /got null, though the tab had token aaaa0001 in hand/, (world) => {
    hold(world);
    world.sends(43, 0);
    world.gets(43.05, 0, world.asks(43.05, 0, 'peek'), null);
  });
  breaks('two seconds are left and the reader gets the error', /good for 2 s more/, (world) => {
    hold(world);
    world.reads(58, 0, 'offline');
  });
  breaks(
    'the tab knows that its clock is ahead',
    /the error offline/,
    (world) => {
      world.is(0, 0, 'fresh', { clockOffsetMs: -20_000 });
      hold(world);
      world.reads(45, 0, 'offline');
    },
    { world: { wallStart: Date.UTC(2026, 0, 1) + 20_000 } },
  );
});

describe('S4', () => {
  const template = { ...key, template: 'api' };
  const { keeps, breaks } = bothWays(neverExpired);

  keeps('tokens end a latency and a second late at most', (world) => {
    world.mints(0, 0, first);
    world.reads(30, 0, first);
    world.reads(61.05, 0, first);
  });
  keeps('an answer took long, and the clock was learned from it', (world) => {
    const id = world.sends(0, 0);
    world.served(0.1, id, { token: first });
    world.answers(4.1, 0, id, { token: first });
    world.reads(64.5, 0, first);
  });
  keeps('the clock is an hour behind, and nobody has told the tab yet', (world) => world.reads(300, 0, first), {
    world: { wallStart: Date.UTC(2025, 11, 31, 23) },
  });
  keeps('the clock is set back, then the machine sleeps', (world) => {
    world.mints(0, 0, first);
    world.setsClock(5, -3_600);
    world.sleeps(6, 1_800);
    world.reads(1_806, 0, first);
  });
  keeps('the server says twice that it is an hour earlier', (world) => {
    for (const at of [0, 1]) world.mints(at, 0, token(`dddd000${at}`, at - 3_600));
    world.reads(2, 0, token('dddd0001', -3_599));
  });
  const liesTwice = (world: HandMade, tab: number) => {
    for (const at of [1, 2]) world.mints(at, tab, token(`dddd000${at}`, at - 3_600), { key: template });
  };
  keeps('the server says so of a template in one tab, and another one has no proof of its own', (world) => {
    liesTwice(world, 1);
    world.reads(70, 0, first);
  });
  keeps('the same, and that tab has slept since it had one', (world) => {
    world.mints(0, 0, first);
    liesTwice(world, 1);
    world.sleeps(5, 60);
    world.reads(70, 0, first);
  });
  keeps('the same, and that tab has one for another key', (world) => {
    world.mints(0, 0, first, { key: template });
    liesTwice(world, 1);
    world.reads(70, 0, first);
  });
  keeps('the same, and that tab has been started anew', (world) => {
    world.mints(0, 0, first);
    world.does(0.5, 0, 'start');
    liesTwice(world, 1);
    world.reads(70, 0, first);
  });
  keeps('an opaque token does not say when it ends', (world) => {
    world.reads(500, 0, token('bbbb0001', 0, { expiresAt: null }));
  });

  breaks(
    'a reader gets a token that ended two seconds before',
    /token aaaa0001, which had expired 2 s before/,
    (world) => {
      world.mints(0, 0, first);
      world.reads(62, 0, first);
    },
  );
  breaks('a single old token is taken for a whole lifetime', /expired 3541 s before/, (world) => {
    world.mints(0, 0, first);
    world.mints(1, 0, token('dddd0001', -3_599));
    world.reads(2, 0, token('dddd0001', -3_599));
  });
  breaks('the server lies to one tab, and another one has a proof of its own', /expired 10 s before/, (world) => {
    world.mints(0, 0, first);
    liesTwice(world, 1);
    world.reads(70, 0, first);
  });
  breaks('the server lies once to each of two tabs', /expired 10 s before/, (world) => {
    world.mints(0, 0, first);
    for (const tab of [0, 1]) world.mints(1 + tab, tab, token(`dddd000${tab}`, tab - 3_600));
    world.reads(70, 0, first);
  });
  breaks('the server lies to a tab, and then says the truth', /expired 10 s before/, (world) => {
    world.mints(0, 0, first);
    liesTwice(world, 0);
    world.mints(3, 0, token('dddd0003', 3), { key: template });
    world.reads(70, 0, first);
  });
  const toldTruth = (world: HandMade, lost: 'before' | 'meanwhile') => {
    const loses = () => world.push({ is: 'lock', at: 3_000, tab: 0, did: 'lost', name: 'app' });
    liesTwice(world, 0);
    if (lost === 'before') loses();
    const id = world.sends(3, 0, { key: template });
    if (lost === 'meanwhile') loses();
    world.served(3.05, id, { token: token('dddd0003', 3) });
    world.answers(3.1, 0, id, { token: token('dddd0003', 3) });
    world.reads(4, 0, token('dddd0002', -3_598));
  };
  keeps('the server lies to a tab, and says the truth once that has lost the lock', (world) =>
    toldTruth(world, 'meanwhile'),
  );
  breaks('it lost the lock just before', /token dddd0002, which had expired 3542 s before/, (world) =>
    toldTruth(world, 'before'),
  );
  breaks('peek shows an expired token after a sleep', /expired/, (world) => {
    world.mints(0, 0, first);
    world.sleeps(5, 600);
    const id = world.asks(605, 0, 'peek');
    world.gets(605, 0, id, first);
  });
  breaks(
    'the clock is behind, and a mint has proven it',
    /expired/,
    (world) => {
      world.mints(0, 0, first);
      world.reads(65, 0, first);
    },
    { world: { wallStart: Date.UTC(2025, 11, 31, 23) } },
  );
  breaks('the clock is set back while the tab is awake', /expired/, (world) => {
    world.mints(0, 0, first);
    world.setsClock(5, -3_600);
    world.reads(65, 0, first);
  });
});

describe('S8', () => {
  const { keeps, breaks } = bothWays(onlyEverFresher);
  const older = token('aaaa0000', -20);
  const elsewhere = token('cccc0001', -20, { organizationId: 'org_1' });

  const hourOld = token('aaaa0009', -3_590);
  const misled = (world: HandMade, saidAt: number) => {
    world.mints(0, 0, first);
    world.mints(10, 0, hourOld);
    world.is(saidAt, 0, 'fresh', { clockOffsetMs: -3_600_000 });
  };
  keeps('the mint taught that the server is an hour behind: what was held is from the future', (world) => {
    misled(world, 10);
  });
  keeps('it is said behind more than that, of another key', (world) => {
    world.mints(0, 0, first);
    world.mints(10, 0, hourOld);
    for (const clockOffsetMs of [0, -3_600_000]) world.is(10.1, 0, 'fresh', { clockOffsetMs });
  });
  breaks('that is learned only later', /had token aaaa0001 and now has aaaa0009/, (world) => {
    misled(world, 11);
  });
  breaks('another tab learned it', /had token aaaa0001 and now has aaaa0009/, (world) => {
    world.mints(0, 0, first);
    world.mints(10, 0, hourOld);
    world.is(10, 1, 'fresh', { clockOffsetMs: -3_600_000 });
  });

  keeps('each is followed by a fresher one', (world) => {
    for (const [at, of] of [
      [0, first],
      [43, second],
    ] as const) {
      world.mints(at, 0, of);
      world.cookie(at + 0.1, 0, 'written', of);
      world.caches(at + 0.1, 0, of);
    }
  });
  keeps('an older one takes the place of one that is about to expire', (world) => {
    world.cookie(1, 0, 'written', first);
    world.cookie(56, 0, 'written', token('aaaa0003', -10, { life: 3_600 }));
  });
  keeps('the origin vouched later for what was issued earlier', (world) => {
    world.cookie(1, 0, 'written', first);
    world.cookie(2, 0, 'written', token('aaaa0003', -20, { originIssuedAt: 1 }));
  });
  keeps('an API refused the fresher one', (world) => {
    world.cookie(1, 0, 'written', first);
    world.push({ is: 'command', at: 2_000, tab: 0, do: 'reject', fingerprint: first.fingerprint });
    world.cookie(3, 0, 'written', older);
  });
  keeps('the fresher one ran out first, by the clock of whoever wrote it', (world) => {
    world.cookie(1, 0, 'written', first);
    world.cookie(2, 0, 'expired', first);
    world.cookie(3, 0, 'written', older);
  });
  keeps('the organization changes to and fro', (world) => {
    world.cookie(1, 0, 'written', first);
    world.cookie(2, 0, 'written', elsewhere);
    world.cookie(3, 0, 'written', older);
  });
  keeps('what is active changes, and lies in one place of the cache', (world) => {
    world.caches(1, 0, first, 'active');
    world.caches(2, 0, elsewhere, 'active');
    world.caches(3, 0, older, 'active');
  });
  keeps('one signs out and in again', (world) => {
    world.updated(1, 0, first);
    world.cookie(1, 0, 'written', first);
    world.does(2, 0, 'sign-out');
    world.cookie(2, 0, 'removed', first);
    world.signedOut(2, 0);
    world.signsIn(3, 0);
    world.signedIn(3, 0);
    world.mints(3, 0, older);
    world.cookie(3.1, 0, 'written', older);
  });
  keeps(
    'each tab has a cache of its own',
    (world) => {
      world.caches(1, 0, first);
      world.caches(1, 1, older);
    },
    { world: { shared: { cache: 'per-tab' } } },
  );

  breaks(
    'a late tab writes its older token into the cookie',
    /The cookie had token aaaa0001 and now has aaaa0000/,
    (world) => {
      world.cookie(1, 0, 'written', first);
      world.cookie(2, 1, 'written', older);
    },
  );
  breaks('a tab announces an older one', /Tab 0 had token aaaa0001/, (world) => {
    world.mints(0, 0, first);
    world.mints(2, 0, older);
  });
  keeps('a slow write lands in a shared cache after a fresher one', (world) => {
    world.faults(0.5, 1, 'cache is slow');
    world.caches(1, 0, first);
    world.caches(9, 1, older);
  });

  breaks('a shared cache gets an older one', /The cache \(a\)/, (world) => {
    world.caches(1, 0, first);
    world.caches(2, 1, older);
  });
  breaks('one that the origin vouched for gives way to one that it did not', /less fresh/, (world) => {
    world.cookie(1, 0, 'written', token('aaaa0003', 0, { originIssuedAt: 1 }));
    world.cookie(44, 0, 'written', second);
  });
});

describe('R7', () => {
  const { keeps, breaks } = bothWays(forgedTokensIgnored);
  const forged = token('eeee0001', 1);
  const ofTemplate = { sessionId: 'sess_1', template: 'db' };
  const forge = (world: HandMade, of = forged) =>
    world.push({ is: 'message', at: 1_000, tab: null, id: 5, did: 'forged', kind: 'token', value: value(of) });

  keeps('tabs go on with what the server gave them', (world) => {
    world.mints(0, 0, first);
    forge(world);
    world.reads(2, 0, first);
    world.cookie(2, 0, 'written', first);
  });
  keeps('somebody repeats a real token', (world) => {
    world.mints(0, 0, first);
    forge(world, first);
    world.mints(2, 0, first);
    world.reads(3, 0, first);
  });

  keeps('a tab that has just begun cannot tell', (world) => {
    world.does(0, 0, 'start');
    forge(world);
    world.reads(2, 0, forged);
  });

  keeps('all that the tab has minted is of a template, which may speak of somebody else', (world) => {
    world.does(0, 0, 'start');
    world.emits(0.5, 0, 'token.updated', { key: ofTemplate, fingerprint: 'bbbb0001', from: 'mint' });
    forge(world);
    world.reads(2, 0, forged);
  });

  breaks('it has minted a session token besides', /Tab 0 gave a reader token eeee0001/, (world) => {
    world.does(0, 0, 'start');
    world.updated(0.4, 0, first);
    world.emits(0.5, 0, 'token.updated', { key: ofTemplate, fingerprint: 'bbbb0001', from: 'mint' });
    forge(world);
    world.reads(2, 0, forged);
  });
  const ofTheFuture = token('eeee0002', 3_600);
  /** The message comes at 5 s; the clock of both tabs is set ahead before that. */
  const forgesFuture = (world: HandMade, aheadS: number, of = ofTheFuture) => {
    world.setsClock(0.5, aheadS);
    forge(world, of);
    world.push({ is: 'message', at: 5_000, tab: 0, id: 5, did: 'delivered', kind: 'token', value: value(of) });
  };

  keeps('the clock was set ahead, so that one from the future seems to be of now', (world) => {
    forgesFuture(world, 3_600);
    world.cookie(5, 0, 'written', ofTheFuture);
    // It has been told the time since, and has had that token before.
    world.is(6, 0, 'fresh', { clockOffsetMs: -3_600_000 });
    world.reads(6, 0, ofTheFuture);
  });
  breaks(
    'a tab takes one from the future that learned the time since',
    /Tab 0 gave a reader token eeee0002/,
    (world) => {
      world.is(0.5, 0, 'fresh', { clockOffsetMs: -3_600_000 });
      forgesFuture(world, 3_600);
      world.reads(5, 0, ofTheFuture);
    },
  );
  breaks('the clock was not set so far ahead', /Tab 0 gave a reader token eeee0002/, (world) => {
    forgesFuture(world, 3_589);
    world.reads(5, 0, ofTheFuture);
  });
  breaks('the clock was set ahead, and the forged token is of now', /Tab 0 gave a reader token eeee0001/, (world) => {
    forgesFuture(world, 3_600, forged);
    world.reads(5, 0, forged);
  });
  breaks('a reader gets it', /Tab 1 gave a reader token eeee0001/, (world) => {
    forge(world);
    world.reads(2, 1, forged);
  });
  breaks('the cookie gets it', /wrote into the cookie token eeee0001/, (world) => {
    world.does(0, 1, 'start');
    world.mints(0, 1, first);
    forge(world);
    world.cookie(2, 1, 'written', forged);
  });
  breaks('a cache gets it', /cached token eeee0001/, (world) => {
    forge(world);
    world.caches(2, 1, forged);
  });
});
