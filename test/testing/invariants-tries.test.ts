/** How often a mint may be tried: S9. */
import { describe } from 'vitest';
import { boundedTries } from '../../adapters/testing/invariants/budget';
import type { TokenSeen } from '../../adapters/testing/trace';
import type { FailureClass } from '../../machines/errors';
import { bothWays } from './support/both-ways';
import { type HandMade, token } from './support/hand-made';

const first = token('aaaa0001', 0);

describe('S9', () => {
  const { keeps, breaks } = bothWays(boundedTries);
  const failAt = (world: HandMade, tab: number, times: readonly number[]) => {
    for (const at of times) world.fails(at, tab);
  };

  keeps('the tries are those of the policy', (world) => {
    failAt(world, 0, [0, 3, 7.65, 14.86, 26.03, 43.34, 70.18]);
  });
  const apart = { world: { shared: { lock: false } } } as const;
  /** Tab 0 fails seven times and, once it has found a token that `minter` got, an eighth time. */
  const findsOne = (world: HandMade, minter: number): void => {
    world.mints(0, minter, first);
    failAt(world, 0, [1, 4, 8, 15]);
    world.updated(20, 0, first, 'cache');
    failAt(world, 0, [26, 33, 40, 50]);
  };
  keeps(
    'a tab fails on both sides of a token that it found, and that another one had got',
    (world) => findsOne(world, 1),
    apart,
  );
  breaks('it found its own again', /8 mints .* in tab 0/, (world) => findsOne(world, 0), apart);
  keeps('tokens of ten seconds are minted all the time', (world) => {
    for (let at = 0; at < 120; at += 5) world.mints(at, 0, token(`aaaa${at}`, at, { life: 10 }));
  });
  const announcedLate = (world: HandMade, announce: (at: number) => TokenSeen): void => {
    for (let at = 0; at < 40; at += 4) {
      const of = token(`aaaa${at}`, at, { life: 4 });
      const id = world.sends(at, 0);
      world.answers(at + 0.1, 0, id, { token: of });
      world.updated(at + 0.5, 0, announce(at));
    }
  };
  keeps('a slow store keeps tokens from being announced at once', (world) => {
    announcedLate(world, (at) => token(`aaaa${at}`, at, { life: 4 }));
  });
  breaks('what is announced late is another token', /10 mints/, (world) => {
    announcedLate(world, (at) => token(`bbbb${at}`, at, { life: 4 }));
  });
  keeps('every other mint of a short token fails', (world) => {
    for (let at = 0; at < 120; at += 6) {
      world.fails(at, 0);
      world.mints(at + 3, 0, token(`aaaa${at}`, at, { life: 10 }));
    }
  });
  keeps('an outage doubles each try', (world) => {
    for (const at of [0, 3, 7.65, 14.86, 26.03, 43.34]) {
      world.fails(at, 0, { status: 422, code: 'missing_expired_token' });
      world.fails(at + 0.1, 0, {}, { presented: first });
    }
  });
  keeps('a token that looks old is asked about again', (world) => {
    for (const at of [0, 3, 7, 15, 26, 43]) {
      world.fails(at, 0, { token: token('bbbb0001', -40) });
      world.fails(at + 1, 0, { token: token('bbbb0001', -40) });
    }
  });
  const lenient = { world: { credential: 'rotating', reuseGraceMs: 2_000 } } as const;
  /** Its answer does not come, and the tab says so. */
  const loses = (world: HandMade, s: number, credential: string | null, reason: FailureClass = 'ambiguous'): void => {
    const id = world.sends(s, 0, { credential });
    world.answers(s + 0.2, 0, id, { outcome: 'failed', status: null });
    world.emits(s + 0.2, 0, 'refresh.failed', { reason });
  };
  const lostThen = (before: string | null, then: string | null) => (world: HandMade) => {
    loses(world, 0, before);
    world.sends(0.3, 0, { credential: then });
  };
  keeps('a lost answer is retried at once', lostThen('c1', 'c1'), lenient);
  keeps(
    'a lost answer is retried at once, to a credential that the source keeps to itself',
    lostThen(null, null),
    lenient,
  );
  keeps(
    'a lost answer is retried at once, and a sign-out elsewhere has cleared the cache',
    lostThen('c1', null),
    lenient,
  );
  keeps(
    'a lost answer is retried at once, with what another tab got for the credential meanwhile',
    (world) => {
      const id = world.sends(0, 0, { credential: 'c1' });
      world.sends(0.1, 1, { credential: 'c1' });
      world.answers(0.2, 0, id, { outcome: 'failed', status: null });
      world.emits(0.2, 0, 'refresh.failed', { reason: 'ambiguous' });
      world.sends(0.3, 0, { credential: 'c2' });
    },
    lenient,
  );
  const losesAgain = (world: HandMade, waitedS: number): void => {
    loses(world, 0, 'c1');
    loses(world, waitedS, 'c1');
    world.sends(waitedS + 0.3, 0, { credential: 'c1' });
  };
  const long = { world: { credential: 'rotating', reuseGraceMs: 60_000 } } as const;
  keeps(
    'one that waited was no retry, and its own lost answer is retried at once',
    (world) => losesAgain(world, 5),
    long,
  );
  breaks('the retry of a lost answer is retried at once', /only 0.3 s/, (world) => losesAgain(world, 0.3), long);
  keeps('a slow cache keeps one from being sent, and the next one not', (world) => {
    world.emits(0, 0, 'refresh.started', {});
    world.mints(0.3, 0, first);
    world.emits(1, 0, 'refresh.started', {});
    world.mints(1, 0, token('aaaa0002', 0));
  });
  /** Eight tries, one of which a slow cache keeps. */
  const failSlowly = (world: HandMade, lastAt: number, slowAt: number): void => {
    for (const at of [0, 3, 8, 15, 26, 35, 43, lastAt]) {
      world.emits(at, 0, 'refresh.started', {});
      world.fails(at === slowAt ? at + 0.3 : at, 0);
    }
  };
  keeps('eight tries, the last 60 s after the first had started, which a slow cache kept', (world) =>
    failSlowly(world, 60, 0),
  );
  breaks('the last had started before that, and a slow cache kept it', /8 mints .* within 60 s/, (world) =>
    failSlowly(world, 59.9, 59.9),
  );
  keeps('mints that a sign-out cut off are not counted', (world) => {
    for (let at = 0; at < 20; at += 2) {
      const id = world.sends(at, 0);
      world.answers(at + 0.5, 0, id, { outcome: 'aborted', status: null });
    }
  });
  keeps('one signs in again', (world) => {
    failAt(world, 0, [0, 3, 7, 15, 26, 43]);
    world.signsIn(44, 0);
    failAt(world, 0, [44, 47, 51]);
  });
  keeps(
    'tabs that share nothing have a budget each',
    (world) => {
      for (const at of [0, 3, 7.65, 14.86, 26.03, 43.34]) failAt(world, 0, [at]);
      for (const at of [60, 63, 67, 75, 86, 103]) failAt(world, 1, [at]);
    },
    { world: { shared: { lock: false } } },
  );

  keeps('a lock is not given in time, and the tab goes on without', (world) => {
    world.sends(0, 0);
    world.push({ is: 'lock', at: 5_000, tab: 1, did: 'timeout', name: 'a' });
    world.push({ is: 'lock', at: 5_000, tab: 2, did: 'timeout', name: 'a' });
    world.mints(5, 1, first);
    world.mints(5, 2, first);
  });

  breaks(
    'two tabs are forced side by side',
    /Tab 1 sent a mint \(session\) only 0.2 s after the one before/,
    (world) => {
      world.mints(0, 0, first, { cause: 'forced' });
      world.mints(0.2, 1, token('aaaa0002', 0), { cause: 'forced' });
    },
  );
  breaks('a forced read comes right after a refresh', /only 0.2 s after/, (world) => {
    world.mints(0, 0, first);
    world.mints(0.2, 0, token('aaaa0002', 0), { cause: 'forced' });
  });
  breaks('a try every five seconds', /8 mints .* in a row failed within 60 s/, (world) =>
    failAt(world, 0, [0, 5, 10, 15, 20, 25, 30, 35]),
  );
  breaks('two tabs fail in turns', /8 mints/, (world) => {
    for (let at = 0; at < 40; at += 5) failAt(world, at % 2, [at]);
  });
  breaks(
    'tabs share nothing, and one alone is too busy',
    /in tab 1/,
    (world) => failAt(world, 1, [0, 5, 10, 15, 20, 25, 30, 35]),
    { world: { shared: { store: 'hint' } } },
  );
  breaks('no mint is ever answered in time', /mints .* in a row failed within 60 s/, (world) => {
    for (let at = 0; at < 50; at += 6) {
      const id = world.sends(at, 0);
      world.answers(at + 5, 0, id, { outcome: 'failed', status: null });
    }
  });
  breaks('a token that nobody takes is minted again and again', /mints .* in a row failed within 60 s/, (world) => {
    world.mints(0, 0, first);
    for (let at = 1; at < 60; at += 6) world.fails(at, 0, { status: 200, token: token('aaaa0000', -1) });
  });
  breaks(
    'a lost answer is retried at once with another credential, which nobody has got for it',
    /only 0.3 s/,
    lostThen('c1', 'c2'),
    lenient,
  );
  breaks('no credential was sent, and one is after the answer was lost', /only 0.3 s/, lostThen(null, 'c1'), lenient);
  breaks(
    'an answer that was not lost is followed by what another tab got for the credential',
    /only 0.3 s/,
    (world) => {
      const id = world.sends(0, 0, { credential: 'c1' });
      world.sends(0.1, 1, { credential: 'c1' });
      world.answers(0.2, 0, id, { outcome: 'failed', status: null });
      world.emits(0.2, 0, 'refresh.failed', { reason: 'transient' });
      world.sends(0.3, 0, { credential: 'c2' });
    },
    lenient,
  );
  for (const credential of ['c1', null]) {
    const so = credential === null ? 'without a credential' : 'with the same credential';
    breaks(
      `a lost answer is retried at once, and again, ${so}`,
      /only 0.3 s/,
      (world) => {
        loses(world, 0, credential);
        loses(world, 0.3, credential);
        world.sends(0.6, 0, { credential });
      },
      lenient,
    );
    breaks(
      `nothing is forgiven, and a lost answer is retried at once ${so}`,
      /only 0.3 s/,
      lostThen(credential, credential),
      { world: { credential: 'rotating', reuseGraceMs: 0 } },
    );
    breaks(
      `a failure that cannot have spent anything is retried at once ${so}`,
      /only 0.3 s/,
      (world) => {
        loses(world, 0, credential, 'transient');
        world.sends(0.3, 0, { credential });
      },
      lenient,
    );
    breaks(
      `a server in trouble is asked every five seconds, ${so}`,
      /8 mints .* in a row failed within 60 s/,
      (world) => {
        for (let at = 0; at < 40; at += 5) world.fails(at, 0, {}, { credential });
      },
      lenient,
    );
    breaks(
      `an answer is lost every five seconds, ${so}`,
      /8 mints .* in a row failed within 60 s/,
      (world) => {
        for (let at = 0; at < 40; at += 5) loses(world, at, credential);
      },
      lenient,
    );
  }
  breaks('the second one is kept by a slow cache, but had started too early', /only 0.9 s after/, (world) => {
    world.emits(0, 0, 'refresh.started', {});
    world.mints(0, 0, first);
    world.emits(0.9, 0, 'refresh.started', {});
    world.mints(1.2, 0, token('aaaa0002', 0));
  });
  breaks('each tab and key starts for itself', /only 0.7 s after/, (world) => {
    world.emits(0, 1, 'refresh.started', {});
    world.emits(0, 0, 'refresh.started', { key: { sessionId: 'sess_1', template: 'db' } });
    world.mints(0.3, 0, first);
    world.mints(1, 0, token('aaaa0002', 0));
  });
  breaks('readers who force outrun the floor', /only 0.5 s after/, (world) => {
    world.mints(0, 0, first);
    world.mints(0.5, 0, token('aaaa0002', 0));
  });
});
