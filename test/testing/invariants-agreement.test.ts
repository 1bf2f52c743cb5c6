/** Tabs of a session agree: L3. */
import { describe } from 'vitest';
import { tabsAgree } from '../../adapters/testing/invariants/agreement';
import { bothWays } from './support/both-ways';
import { type HandMade, token, value } from './support/hand-made';

const first = token('aaaa0001', 0);
const inTheEnd = { options: { healthySince: 0 } };

describe('L3', () => {
  const { keeps, breaks } = bothWays(tabsAgree);
  const fresh = (world: HandMade, tab: number, fingerprint: string, sessionId = 'sess_1') =>
    world.is(100, tab, 'fresh', { fingerprint, sessionId });

  keeps(
    'tabs of two users have a token each',
    (world) => {
      fresh(world, 0, 'aaaa0001');
      fresh(world, 1, 'aaaa0001');
      fresh(world, 2, 'bbbb0001', 'sess_2');
      world.is(200, 2, 'fresh', { fingerprint: 'bbbb0001', sessionId: 'sess_2' });
    },
    inTheEnd,
  );
  keeps(
    'the newest token is on its way',
    (world) => {
      fresh(world, 0, 'aaaa0001');
      world.mints(102, 1, first);
      world.is(102.1, 1, 'fresh', { fingerprint: 'aaaa0002' });
    },
    inTheEnd,
  );
  /** Two tabs, each with what it minted itself. */
  const eachItsOwn = (world: HandMade, second: number): void => {
    for (const [tab, of] of [token('aaaa0001', 1), token('aaaa0002', second)].entries()) {
      world.mints(second, tab, of);
      fresh(world, tab, of.fingerprint);
    }
  };
  keeps('two tokens are from the same second', (world) => eachItsOwn(world, 1), inTheEnd);
  breaks('one of them is a second fresher', /Tab . has token/, (world) => eachItsOwn(world, 2), inTheEnd);
  const cacheOnly = { ...inTheEnd, world: { shared: { channel: 'none', cache: 'shared' } } } as const;
  keeps('without a channel, each keeps its own while it is fresh', (world) => eachItsOwn(world, 2), cacheOnly);
  breaks(
    'one has been stale since, and the cache has a better one',
    /Tab . has token/,
    (world) => {
      eachItsOwn(world, 2);
      world.is(150, 0, 'stale', { fingerprint: 'aaaa0001', sessionId: 'sess_1' });
    },
    cacheOnly,
  );
  breaks(
    'one of the two is of before all is well',
    /Tab . has token/,
    (world) => {
      for (const tab of [0, 1]) {
        world.mints(1 + 2 * tab, tab, token(`aaaa000${tab}`, 1 + 2 * tab));
        fresh(world, tab, `aaaa000${tab}`);
      }
    },
    { ...cacheOnly, options: { healthySince: 2_000 } },
  );
  breaks('there are at least notices', /Tab . has token/, (world) => eachItsOwn(world, 2), {
    ...inTheEnd,
    world: { shared: { channel: 'notices', cache: 'shared' } },
  });
  const forge = (world: HandMade, of = token('aaaa0009', 1)): void =>
    world.push({ is: 'message', at: 1_000, tab: null, id: 1, did: 'forged', kind: 'token', value: value(of) });
  keeps(
    'one of two tabs holds what was forged',
    (world) => {
      forge(world);
      world.mints(2, 1, token('aaaa0001', 2));
      fresh(world, 0, 'aaaa0009');
      fresh(world, 1, 'aaaa0001');
    },
    inTheEnd,
  );
  breaks(
    'two tabs do not agree, and a third holds what was forged',
    /Tab . has token/,
    (world) => {
      forge(world);
      eachItsOwn(world, 2);
      fresh(world, 2, 'aaaa0009');
    },
    inTheEnd,
  );
  keeps(
    'one heard late of a sign-out, when the other had signed in again',
    (world) => {
      for (const tab of [0, 1, 2]) world.signedIn(0, tab);
      world.does(1, 0, 'sign-out');
      world.signedOut(1, 0);
      world.signsIn(2, 1);
      world.signedOut(3, 2, 'sess_1', 'peer');
      fresh(world, 1, 'aaaa0001');
    },
    inTheEnd,
  );
  keeps(
    'tabs that cannot talk have what they minted',
    (world) => {
      fresh(world, 0, 'aaaa0001');
      fresh(world, 1, 'aaaa0002');
    },
    { ...inTheEnd, world: { shared: { channel: 'none', cache: 'per-tab' } } },
  );
  keeps(
    'one signed out and in again while the other heard nothing',
    (world) => {
      world.does(1, 0, 'sign-out');
      world.signedOut(1, 0);
      world.signsIn(2, 0);
      fresh(world, 0, 'aaaa0001');
      fresh(world, 1, 'aaaa0001');
    },
    inTheEnd,
  );

  const leavesLate = (world: HandMade, s: number): void => {
    world.does(s, 0, 'sign-out');
    world.signedOut(s, 0);
    world.is(s, 0, 'signed-out', { sessionId: null });
    fresh(world, 1, 'aaaa0001');
  };
  keeps('word of a sign-out is on its way', (world) => leavesLate(world, 96), inTheEnd);
  breaks(
    'word of a sign-out has not come in 6 s',
    /Tab 1 is still signed in/,
    (world) => leavesLate(world, 94),
    inTheEnd,
  );

  /** Tab 0 leaves, and nobody tells tab 1; `later` is what else is seen. */
  const leavesUnheard = (world: HandMade, isLost: boolean, fails: boolean, later?: () => void): void => {
    world.does(1, 0, 'sign-out');
    if (isLost)
      world.push({ is: 'message', at: 1_000, tab: 1, id: 1, did: 'dropped', kind: 'signed-out', value: null });
    world.signedOut(1, 0);
    if (fails) world.push({ is: 'fault', at: 1_000, tab: 0, fault: 'store full', detail: 'update' });
    world.is(1, 0, 'signed-out', { sessionId: null });
    later?.();
    fresh(world, 1, 'aaaa0001');
  };
  keeps(
    'word of a sign-out was lost, and could not be written',
    (world) => {
      leavesUnheard(world, true, true, () => world.sends(50, 1));
    },
    inTheEnd,
  );
  keeps(
    'word of a sign-out was lost, and the other tab has not looked since',
    (world) => {
      leavesUnheard(world, true, false);
    },
    inTheEnd,
  );
  const gives = (world: HandMade, did: 'wanted' | 'done') => () =>
    world.push({ is: 'lock', at: 2_000, tab: 1, did, name: 'app' });
  keeps(
    'word of a sign-out was lost, and a mint that was on its way has ended',
    (world) => leavesUnheard(world, true, false, gives(world, 'done')),
    inTheEnd,
  );
  breaks(
    'word of a sign-out was lost, and the other tab has had its turn since',
    /Tab 1 is still signed in/,
    (world) => leavesUnheard(world, true, false, gives(world, 'wanted')),
    inTheEnd,
  );
  breaks(
    'it was written, and the other tab has asked for a token since',
    /Tab 1 is still signed in/,
    (world) => {
      leavesUnheard(world, true, false, () => world.sends(50, 1));
    },
    inTheEnd,
  );
  breaks(
    'it could not be written, but the message was not lost',
    /Tab 1 is still signed in/,
    (world) => {
      leavesUnheard(world, false, true);
    },
    inTheEnd,
  );

  /** Tab 0 minted at 90 s, tab 1 `at`, and says that the origin fails. */
  const stillDegraded = (world: HandMade, at: number): void => {
    world.mints(90, 0, token('aaaa0001', 90));
    world.mints(at, 1, token('aaaa0002', 90));
    fresh(world, 0, 'aaaa0001');
    world.is(100, 1, 'fresh', { fingerprint: 'aaaa0002', status: 'degraded' });
  };
  keeps(
    'a tab has been fresh since the bad times: its status is of its last try',
    (world) => {
      stillDegraded(world, 0);
    },
    { options: { healthySince: 50_000 } },
  );
  breaks(
    'a tab has minted since, and says that the origin fails',
    /has status/,
    (world) => {
      stillDegraded(world, 60);
    },
    { options: { healthySince: 50_000 } },
  );

  breaks(
    'a tab has another token',
    /Tab 1 has token aaaa0000; the other tabs/,
    (world) => {
      fresh(world, 0, 'aaaa0001');
      fresh(world, 1, 'aaaa0000');
      fresh(world, 2, 'aaaa0001');
    },
    inTheEnd,
  );
  /** Tab 1 got its token first, then tab 0; somebody sets the clock between. */
  const setBetween = (world: HandMade, byS: number): void => {
    world.mints(1, 1, token('aaaa0000', 1));
    world.setsClock(2, byS);
    world.mints(3, 0, token('aaaa0001', 3));
    fresh(world, 0, 'aaaa0001');
    fresh(world, 1, 'aaaa0000');
  };
  keeps('the clock was set two days ahead since a tab got its token', (world) => setBetween(world, 172_800), inTheEnd);
  breaks('it was set by no more than tabs believe', /has token/, (world) => setBetween(world, 80_000), inTheEnd);

  /** The clock is wrong from the beginning; tab 1 finds its own token again in the cache. */
  const opensAgain = (world: HandMade): void => {
    world.mints(1, 1, token('aaaa0000', 1));
    world.does(2, 1, 'start');
    world.mints(3, 0, token('aaaa0001', 3));
    fresh(world, 0, 'aaaa0001');
    fresh(world, 1, 'aaaa0000');
  };
  const wrongBy = (hours: number) => ({ ...inTheEnd, world: { wallStart: Date.UTC(2026, 0, 1, -hours) } });
  keeps('a tab has begun anew since its last mint, on a clock that is two days behind', opensAgain, wrongBy(48));
  breaks('that clock is behind by no more than tabs believe', /has token/, opensAgain, wrongBy(20));

  breaks(
    'a tab takes the origin for failing still',
    /Tab 1 has status degraded/,
    (world) => {
      fresh(world, 0, 'aaaa0001');
      fresh(world, 2, 'aaaa0001');
      world.is(100, 1, 'fresh', { fingerprint: 'aaaa0001', status: 'degraded' });
    },
    inTheEnd,
  );
  breaks(
    'a tab never hears of the sign-out',
    /Tab 1 is still signed in \(fresh\) to a session that tab 0 has left/,
    (world) => {
      world.does(1, 0, 'sign-out');
      world.signedOut(1, 0);
      world.is(1, 0, 'signed-out', { sessionId: null });
      fresh(world, 1, 'aaaa0001');
    },
    inTheEnd,
  );
});
