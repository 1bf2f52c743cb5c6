/** What has to come true in the end: L1, L2. */
import { describe, expect, it } from 'vitest';
import { createNames } from '../../adapters/host/names';
import { recoveryMs } from '../../adapters/testing/invariants/last-seen';
import { everyReadSettles } from '../../adapters/testing/invariants/reads-settle';
import { alwaysAWayBack } from '../../adapters/testing/invariants/recovery';
import { namespace } from '../../adapters/testing/world/page';
import { bothWays } from './support/both-ways';
import { type HandMade, handMade, token } from './support/hand-made';

const first = token('aaaa0001', 0);
const inTheEnd = { options: { healthySince: 0 } };

describe('L1', () => {
  const { keeps, breaks } = bothWays(everyReadSettles);
  const farEnd = (world: HandMade) => world.is(3 * 3_600, 0, 'fresh');

  keeps('reads settle, in time where they have one', (world) => {
    world.gets(10, 0, world.asks(0, 0, 'plain', 10_000), 'read_timeout');
    world.gets(900, 0, world.asks(10, 0), 'request_failed');
    farEnd(world);
  });
  keeps('the machine slept meanwhile', (world) => {
    const id = world.asks(0, 0, 'plain', 10_000);
    world.sleeps(5, 3_600);
    world.gets(3_610, 0, id, 'read_timeout');
  });
  keeps('the tab was frozen meanwhile', (world) => {
    const id = world.asks(0, 0, 'plain', 10_000);
    world.does(5, 0, 'freeze');
    world.does(605, 0, 'resume');
    world.gets(610, 0, id, 'read_timeout');
  });
  keeps('the tab was in the back/forward cache meanwhile', (world) => {
    const id = world.asks(0, 0, 'plain', 10_000);
    world.does(5, 0, 'pagehide');
    world.does(605, 0, 'pageshow');
    world.gets(610, 0, id, 'read_timeout');
  });
  keeps('the tab is closed', (world) => {
    world.asks(0, 0);
    world.does(1, 0, 'close');
    farEnd(world);
  });
  keeps('the trace ends before the read can have', (world) => {
    world.asks(0, 0);
    world.is(600, 0, 'refreshing');
  });

  const askedTwice = (world: HandMade, until: number, timeoutMs: number | null = null): void => {
    const id = world.asks(0, 0, 'plain', timeoutMs);
    for (const at of [0, 901]) world.fails(at, 0, { status: 429, retryAfterMs: 900_000 });
    world.gets(until, 0, id, 'request_failed');
  };
  keeps('the server asks twice to be left alone for long', (world) => askedTwice(world, 1_802));
  breaks('a read waits for much longer than that', /took 3600 s/, (world) => askedTwice(world, 3_600));

  const askedBefore = (world: HandMade, retryAfterMs: number): void => {
    world.fails(0, 0, { status: 429, retryAfterMs });
    const id = world.asks(60, 0);
    world.fails(901, 0, { status: 429, retryAfterMs: 900_000 });
    world.gets(1_810, 0, id, 'request_failed');
  };
  keeps('the read began while the server was to be left alone, and so it is once more', (world) =>
    askedBefore(world, 900_000),
  );
  breaks('the first of them was over when the read began', /took 1750 s/, (world) => askedBefore(world, 50_000));
  breaks('a read with a deadline waits for that', /took 1802 s; it had asked for 10 s/, (world) =>
    askedTwice(world, 1_802, 10_000),
  );
  breaks('a deadline is missed', /took 10.5 s; it had asked for 10 s/, (world) => {
    world.gets(10.5, 0, world.asks(0, 0, 'plain', 10_000), 'read_timeout');
  });
  breaks('a read is forgotten', /has been waiting for/, (world) => {
    world.asks(0, 0);
    farEnd(world);
  });
  breaks('another tab slept, which is no excuse', /took 20 s/, (world) => {
    const id = world.asks(0, 0, 'plain', 10_000);
    world.push({ is: 'command', at: 5_000, tab: 1, do: 'sleep', ms: 10_000 });
    world.gets(20, 0, id, 'read_timeout');
  });
  breaks('stop() leaves a reader waiting', /still waiting when the tab had been stopped/, (world) => {
    world.asks(0, 0);
    world.does(1, 0, 'stop');
    world.push({ is: 'leftovers', at: 1_000, tab: 0, timers: 0, listeners: 0, locks: 0 });
  });
});

describe('L2', () => {
  const { keeps, breaks } = bothWays(alwaysAWayBack);

  keeps(
    'tabs are fresh, signed out, or about to replace what they serve',
    (world) => {
      world.is(300, 0, 'fresh');
      world.is(300, 1, 'signed-out', { sessionId: null });
      world.is(300, 2, 'refreshing', { serving: true });
    },
    inTheEnd,
  );
  keeps(
    'who cannot run, or is not seen, need not be',
    (world) => {
      world.is(1, 0, 'outage-fallback', { status: 'degraded' });
      world.does(2, 0, 'close');
      world.is(2, 0, 'stale');
      world.is(1, 1, 'offline-retrying', { status: 'offline' });
      world.does(2, 1, 'freeze');
      world.is(1, 2, 'stale');
      world.hides(2, 2);
      world.is(300, 3, 'fresh');
    },
    inTheEnd,
  );
  keeps(
    'a token is short for the latency, and replaced all the time',
    (world) => {
      for (let at = 0; at < 300; at += 6) {
        world.is(at, 0, 'fresh');
        world.is(at + 4, 0, 'refreshing');
      }
    },
    inTheEnd,
  );
  keeps('nobody said that all is well', (world) => world.is(300, 0, 'outage-fallback'));

  breaks(
    'a tab goes on backing off',
    /Tab 1 is still outage-fallback \(backing-off\) though all has been well for 300 s/,
    (world) => {
      world.is(10, 1, 'outage-fallback', { substate: 'backing-off', serving: true });
      world.is(300, 0, 'fresh');
    },
    inTheEnd,
  );
  breaks(
    'a tab was fresh a while ago',
    /Tab 0 is still stale/,
    (world) => {
      world.is(1, 0, 'fresh');
      world.is(40, 0, 'stale');
      world.is(100, 1, 'fresh');
    },
    inTheEnd,
  );
  const servesOn = (world: HandMade, byS: number): void => {
    world.mints(1, 0, first);
    world.setsClock(2, byS);
    world.is(3, 0, 'outage-fallback', { substate: 'backing-off', serving: true });
    world.is(300, 1, 'fresh');
  };
  keeps(
    'a clock was set two days back, and what it has still looks valid',
    (world) => servesOn(world, -172_800),
    inTheEnd,
  );
  breaks('it was set back by less', /still outage-fallback/, (world) => servesOn(world, -80_000), inTheEnd);
  /** Tab 0 is told of the future `times`, and is degraded in the end, with an offset by which the server is `aheadS` on. */
  const toldOfTheFuture = (times: number, aheadS: number, then?: (world: HandMade) => void) => (world: HandMade) => {
    for (let index = 0; index < times; index += 1) world.mints(index, 0, token(`bbbb000${index}`, index + 30));
    then?.(world);
    world.is(100, 0, 'outage-fallback', { substate: 'backing-off', clockOffsetMs: aheadS * 1_000 });
    world.is(300, 1, 'fresh');
  };
  keeps('the server told a tab of the future twice', toldOfTheFuture(2, 30), inTheEnd);
  const degraded = /Tab 0 is still outage-fallback/;
  breaks('it did so once', degraded, toldOfTheFuture(1, 30), inTheEnd);
  breaks('it did so twice, and the tab does not believe it', degraded, toldOfTheFuture(2, 1), inTheEnd);
  breaks(
    'the tab has begun anew since',
    degraded,
    toldOfTheFuture(2, 30, (world) => world.does(50, 0, 'start')),
    inTheEnd,
  );
  breaks('a tab never restores', /still restoring/, (world) => world.is(1, 0, 'restoring'), inTheEnd);
  breaks(
    'a hidden tab does not notice that it is online',
    /offline-retrying/,
    (world) => {
      world.hides(0, 0);
      world.is(1, 0, 'offline-retrying');
    },
    inTheEnd,
  );
  breaks('readers wait for a refresh that does not come', /still stale/, (world) => world.is(1, 0, 'stale'), inTheEnd);

  const credential = createNames(namespace).credential('sess_1');
  const caches = (world: HandMade, s: number, tab: number | null, did: 'set' | 'deleted') =>
    world.push({
      is: 'cache',
      at: s * 1_000,
      tab,
      did,
      key: credential,
      value: { kind: 'other', fingerprint: 'cccc0001' },
    });
  const slowlyClears = (world: HandMade, s: number) =>
    world.push({ is: 'fault', at: s * 1_000, tab: 0, fault: 'cache is slow', detail: 'deleteAll' });
  /** Signed out, in again, and only then the credential is cleared. */
  const loses = (world: HandMade) => {
    world.signsIn(0, 0);
    world.does(10, 0, 'sign-out');
    slowlyClears(world, 10);
    world.signedOut(10, 0);
    world.signsIn(15, 0);
    caches(world, 15, null, 'set');
    caches(world, 16, 0, 'deleted');
  };

  keeps(
    'a clearing for the sign-out before took so long that it took the credential of the sign-in',
    (world) => {
      loses(world);
      world.is(100, 0, 'stale');
    },
    inTheEnd,
  );
  /** Tab 0 leaves, unheard, and tab 1 has nothing to ask with. */
  const leavesAlone = (world: HandMade, fault: string | null): void => {
    world.does(10, 0, 'sign-out');
    world.signedOut(10, 0);
    if (fault) world.faults(10, 0, fault, 'update');
    world.is(10, 0, 'signed-out', { sessionId: null });
    world.sends(20, 1, { credential: null });
    world.is(100, 1, 'outage-fallback');
  };
  const mute = (credential: 'rotating' | 'reusable') => ({
    ...inTheEnd,
    world: { credential, shared: { channel: 'none' } } as const,
  });
  keeps(
    'the credential is gone with a session that another tab left, which could tell nobody',
    (world) => leavesAlone(world, 'store full'),
    mute('rotating'),
  );
  breaks('that could be written', /still outage-fallback/, (world) => leavesAlone(world, null), mute('rotating'));
  breaks(
    'the credential is none that is spent',
    /still outage-fallback/,
    (world) => leavesAlone(world, 'store full'),
    mute('reusable'),
  );
  breaks(
    'the credential was put there again',
    /still stale/,
    (world) => {
      loses(world);
      caches(world, 17, null, 'set');
      world.is(100, 0, 'stale');
    },
    inTheEnd,
  );
  breaks(
    'a tab clears the credential of who is signed in, though nothing is slow',
    /still stale/,
    (world) => {
      world.signsIn(0, 0);
      world.does(10, 0, 'sign-out');
      world.signedOut(10, 0);
      world.signsIn(15, 0);
      caches(world, 15, null, 'set');
      caches(world, 16, 0, 'deleted');
      world.is(100, 0, 'stale');
    },
    inTheEnd,
  );
  breaks(
    'the clearing is slow, and was for nothing that was before',
    /still stale/,
    (world) => {
      world.signsIn(12, 0);
      caches(world, 12, null, 'set');
      slowlyClears(world, 15);
      caches(world, 16, 0, 'deleted');
      world.is(100, 0, 'stale');
    },
    inTheEnd,
  );
  breaks(
    'another session lost its credential',
    /still stale/,
    (world) => {
      loses(world);
      world.is(100, 0, 'stale', { sessionId: 'sess_2' });
    },
    inTheEnd,
  );

  type Lost = { fault?: string; ends?: 'close' | 'crash' | 'stop' | null; by?: string; heard?: boolean };
  /** Tab 0 spends the credential in the cache, cannot store its successor, and is gone; tab 1 is left with what is spent. */
  const takesAlong = (
    world: HandMade,
    { fault = 'cache full', ends = 'crash', by = 'mint', heard = true }: Lost = {},
  ) => {
    caches(world, 0, null, 'set');
    const id = world.sends(1, 0, { credential: 'cccc0001' });
    world.served(1.05, id, { token: first, by });
    if (heard) world.answers(1.1, 0, id, { token: first });
    world.faults(1.1, 0, fault, 'set');
    if (ends) world.does(5, 0, ends);
    world.is(70, 1, 'outage-fallback', { substate: 'probing' });
  };
  for (const ends of ['close', 'crash'] as const)
    for (const fault of ['cache full', 'cache throws'])
      keeps(
        `the successor of the credential was with a page alone, for a ${fault}: ${ends}`,
        (world) => takesAlong(world, { ends, fault }),
        inTheEnd,
      );
  const left: Record<string, Lost> = {
    'a stop leaves it with the page': { ends: 'stop' },
    'the page that has it is there': { ends: null },
    'the cache would have taken it': { fault: 'store full' },
    'the cache is only slow: its mark stays for as long, and says that it may be sent again': {
      fault: 'cache is slow',
    },
    'no answer came: it may be sent again': { heard: false },
    'an edge minted from the last token: it is not spent': { by: 'outage' },
  };
  for (const [why, lost] of Object.entries(left))
    breaks(why, /still outage-fallback/, (world) => takesAlong(world, lost), inTheEnd);
  breaks(
    'the cache refused something before that answer',
    /still outage-fallback/,
    (world) => {
      world.faults(0.5, 0, 'cache full', 'set');
      takesAlong(world, { fault: 'store full' });
    },
    inTheEnd,
  );
  breaks(
    'somebody brings a credential',
    /still outage-fallback/,
    (world) => {
      takesAlong(world);
      const value = { kind: 'other', fingerprint: 'cccc0009' } as const;
      world.push({ is: 'cache', at: 80_000, tab: null, did: 'set', key: credential, value });
    },
    inTheEnd,
  );
  breaks(
    'another page got the same successor within the grace',
    /Tab 1 is still outage-fallback/,
    (world) => {
      takesAlong(world);
      world.mints(6, 1, first, { credential: 'cccc0001' });
    },
    inTheEnd,
  );
  breaks(
    'the one of another session is lost',
    /still stale/,
    (world) => {
      takesAlong(world);
      world.is(100, 2, 'stale', { sessionId: 'sess_2' });
    },
    inTheEnd,
  );

  it('L2 the time to recover counts what is left of a Retry-After, and of a token whose credential may be spent', () => {
    const plain = handMade();
    plain.fails(1, 0);
    const least = recoveryMs(plain.trace);
    expect(least).toBeGreaterThan(60_000);
    plain.fails(1, 0, { status: 429, retryAfterMs: 300_000 });
    expect(recoveryMs(plain.trace)).toBe(least + 300_000);
    plain.setsClock(3, 3_600);
    expect(recoveryMs(plain.trace)).toBe(least + 300_000 - 1_900);
    // Whoever reads of it only now waits all of it, and a sleep goes unnoticed.
    plain.setsClock(3, -3_600);
    expect(recoveryMs(plain.trace)).toBe(least + 300_000);
    plain.sleeps(4, 1_000);
    expect(recoveryMs(plain.trace)).toBe(least + 300_000 + 1_000_000);
    const rotating = handMade({ credential: 'rotating' });
    rotating.mints(0, 0, token('aaaa0001', 0, { life: 3_600 }));
    expect(recoveryMs(rotating.trace)).toBe(least + 3_600_000 - 100);
  });
});
