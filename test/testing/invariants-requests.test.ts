/** What may be sent: S5, S6, S9, S10. */
import { describe } from 'vitest';
import { boundedTries } from '../../adapters/testing/invariants/budget';
import { nothingSentInVain } from '../../adapters/testing/invariants/floors';
import { oneMintInFlight } from '../../adapters/testing/invariants/in-flight';
import { rotatingSpentOnce } from '../../adapters/testing/invariants/rotating';
import type { TokenSeen } from '../../adapters/testing/trace';
import type { FailureClass } from '../../machines/errors';
import { bothWays } from './support/both-ways';
import { type HandMade, token } from './support/hand-made';

const first = token('aaaa0001', 0);

describe('S5', () => {
  const { keeps, breaks } = bothWays(oneMintInFlight);

  keeps('one follows the other, and tabs and keys have their own', (world) => {
    world.mints(0, 0, first);
    world.sends(43, 0);
    world.sends(45, 1);
    world.sends(45, 0, { key: { sessionId: 'sess_1', template: 'db' } });
    world.sends(45, 0, { op: 'check' });
  });
  keeps('the last one was given up', (world) => {
    const id = world.sends(0, 0);
    world.answers(10, 0, id, { outcome: 'aborted', status: null });
    world.sends(13, 0);
    world.answers(14, 0, id, { outcome: 'late' });
  });
  keeps('the tab was stopped and started', (world) => {
    world.sends(0, 0);
    world.does(1, 0, 'stop');
    world.does(2, 0, 'start');
    world.sends(2, 0);
  });

  breaks('a second mint starts beside the first', /mint 2 while its mint 1/, (world) => {
    world.sends(0, 0);
    world.sends(5, 0);
  });
  breaks('no organization and a missing one are taken for two keys', /still open/, (world) => {
    world.sends(0, 0, { key: { sessionId: 'sess_1' } });
    world.sends(5, 0, { key: { sessionId: 'sess_1', organizationId: null } });
  });
  breaks('the late answer of an older mint is taken for the answer', /mint 3 while its mint 2/, (world) => {
    const id = world.sends(0, 0);
    world.answers(10, 0, id, { outcome: 'aborted', status: null });
    world.sends(13, 0);
    world.answers(14, 0, id, { outcome: 'late' });
    world.sends(15, 0);
  });
});

describe('S6', () => {
  const { keeps, breaks } = bothWays(rotatingSpentOnce);
  const strict = { world: { credential: 'rotating', reuseGraceMs: 0 } } as const;
  const lenient = { world: { credential: 'rotating', reuseGraceMs: 10_000 } } as const;
  const spend = (name: string) => ({ credential: name });
  const lost = (world: HandMade, at: number) => {
    const id = world.sends(at, 0, spend('c1'));
    world.served(at + 0.05, id, { token: first });
    world.answers(at + 0.1, 0, id, { outcome: 'failed', status: null });
  };

  keeps(
    'each mint has the next one',
    (world) => {
      world.mints(0, 0, first, spend('c1'));
      world.mints(43, 1, token('aaaa0002', 43), spend('c2'));
    },
    strict,
  );
  keeps(
    'signed in again, and the first answer is lost: there is no token to wait for',
    (world) => {
      world.updated(0, 0, first);
      world.signsIn(43, 0);
      lost(world, 43);
      world.sends(46, 0, spend('c1'));
    },
    strict,
  );
  keeps(
    'an edge’s answer to a tab that has lost the lock',
    (world) => {
      world.updated(0, 0, first);
      const id = world.sends(43, 0, spend('c1'));
      world.push({ is: 'lock', at: 43_010, tab: 0, did: 'lost', name: 'app' });
      world.served(43.05, id, { by: 'outage', token: first });
      world.answers(43.1, 0, id, { token: first });
      world.sends(46, 0, spend('c1'));
    },
    strict,
  );
  keeps(
    'the computer slept beyond the time of a request that nobody has given up yet',
    (world) => {
      world.updated(0, 0, first);
      world.sends(43, 0, spend('c1'));
      world.sleeps(44, 3_600);
      world.sends(3_644, 1, spend('c1'));
    },
    strict,
  );
  keeps(
    'the server said no, and took nothing',
    (world) => {
      world.fails(0, 0, {}, spend('c1'));
      world.fails(3, 0, {}, spend('c1'));
    },
    strict,
  );
  keeps(
    'an answer is lost, and the server forgives a second use',
    (world) => {
      world.updated(0, 0, first);
      lost(world, 43);
      world.sends(44, 0, spend('c1'));
    },
    lenient,
  );
  keeps(
    'an answer is lost, and the second use waits for the end of the token',
    (world) => {
      world.updated(0, 0, first);
      lost(world, 43);
      world.sends(60, 0, spend('c1'));
    },
    strict,
  );
  keeps(
    'an edge mints from the last token, and leaves the credential alone',
    (world) => {
      const id = world.sends(0, 0, spend('c1'));
      world.served(0.05, id, { by: 'outage', token: first });
      world.answers(0.1, 0, id, { token: first });
      world.sends(43, 0, spend('c1'));
    },
    strict,
  );
  keeps('the credential does not rotate', (world) => {
    world.mints(0, 0, first, spend('c1'));
    world.mints(43, 0, token('aaaa0002', 43), spend('c1'));
  });

  breaks(
    'two tabs spend it side by side',
    /Tab 1 sent credential c1 again after 0.2 s, while the first/,
    (world) => {
      world.sends(0, 0, spend('c1'));
      world.sends(0.2, 1, spend('c1'));
    },
    strict,
  );
  keeps(
    'two tabs spend it side by side, and the server forgives that',
    (world) => {
      world.sends(0, 0, spend('c1'));
      world.sends(0.2, 1, spend('c1'));
    },
    lenient,
  );
  const besides = (world: HandMade, tab: number): void => {
    const id = world.sends(0, 0, spend('c1'));
    world.fails(0.01, tab, {}, spend('c1'));
    world.served(0.05, id, { token: first });
    world.answers(0.1, 0, id, { token: first });
    world.sends(3, 0, spend('c1'));
  };
  keeps(
    'another tab sent it meanwhile, so that an answer is left alone, and the server forgives a second use',
    (world) => besides(world, 1),
    lenient,
  );
  breaks(
    'the same tab sent it twice, and had an answer',
    /though the server had taken it/,
    (world) => besides(world, 0),
    lenient,
  );
  breaks(
    'they do so when the server forgives no longer',
    /Tab 1 sent credential c1 again after 2.1 s, while the first/,
    (world) => {
      world.sends(0, 0, spend('c1'));
      world.sends(2.1, 1, spend('c1'));
    },
    { world: { credential: 'rotating', reuseGraceMs: 2_000 } },
  );
  breaks(
    'an old one is spent after the server had answered',
    /though the server had taken it/,
    (world) => {
      world.mints(0, 0, first, spend('c1'));
      world.mints(43, 0, token('aaaa0002', 43), spend('c1'));
    },
    lenient,
  );
  breaks(
    'an answer is lost, and it is tried again at once',
    /before the last token had expired/,
    (world) => {
      world.updated(0, 0, first);
      lost(world, 43);
      world.sends(46, 0, spend('c1'));
    },
    strict,
  );
  breaks(
    'the tab crashed mid-mint, and the next one does not care',
    /before the last token had expired/,
    (world) => {
      world.updated(0, 0, first);
      world.updated(0, 1, first);
      world.sends(43, 0, spend('c1'));
      world.does(43.5, 0, 'crash');
      world.sends(44, 1, spend('c1'));
    },
    strict,
  );
  keeps(
    'an API refused the token, and a tab finds it in the cache afterwards: it is worth no waiting',
    (world) => {
      world.push({ is: 'command', at: 1_000, tab: 0, do: 'reject', fingerprint: first.fingerprint });
      world.updated(2, 1, first);
      lost(world, 43);
      world.sends(46, 1, spend('c1'));
    },
    strict,
  );
  keeps(
    'a token with a long life was replaced by a fresher one with a short one, which is over',
    (world) => {
      world.updated(0, 0, token('aaaa0009', 0, { life: 3_600 }));
      world.updated(1, 0, first);
      lost(world, 43);
      world.sends(60, 0, spend('c1'));
    },
    strict,
  );
  keeps(
    'another tab has a token, and this one never got it',
    (world) => {
      world.updated(0, 0, first);
      lost(world, 43);
      world.sends(46, 1, spend('c1'));
    },
    strict,
  );
  breaks(
    'both have it, and the other one sends again',
    /Tab 1 sent credential c1 again after 3 s, before the last token had expired/,
    (world) => {
      world.updated(0, 0, first);
      world.updated(0, 1, first);
      lost(world, 43);
      world.sends(46, 1, spend('c1'));
    },
    strict,
  );
  breaks(
    'an answer is lost, and a later one did not look at the credential',
    /c1 again after 6 s, before the last token had expired, though its first answer was lost/,
    (world) => {
      world.updated(0, 0, first);
      lost(world, 43);
      world.fails(46, 0, {}, { credential: 'c1', key: { sessionId: 'sess_1', template: 'db' } });
      world.sends(49, 0, spend('c1'));
    },
    strict,
  );
  keeps(
    'the tab crashed mid-mint, and whoever comes never had its token',
    (world) => {
      world.updated(0, 0, first);
      world.sends(43, 0, spend('c1'));
      world.does(43.5, 0, 'crash');
      world.sends(44, 1, spend('c1'));
    },
    strict,
  );
  breaks(
    'the grace is over',
    /after 11 s/,
    (world) => {
      world.updated(0, 0, first);
      lost(world, 40);
      world.sends(51, 0, spend('c1'));
    },
    lenient,
  );
});

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
  keeps('a slow cache keeps one from being sent, and the next one not', (world) => {
    world.emits(0, 0, 'refresh.started', {});
    world.mints(0.3, 0, first);
    world.emits(1, 0, 'refresh.started', {});
    world.mints(1, 0, token('aaaa0002', 0));
  });
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

describe('S10', () => {
  const { keeps, breaks } = bothWays(nothingSentInVain);
  const busy = (world: HandMade, forS: number) => world.fails(0, 0, { status: 429, retryAfterMs: forS * 1_000 });
  const floorUntil = Date.UTC(2026, 0, 1) + 30_000;
  const record = { v: 1, generation: 1, epoch: 1, floorUntil } as const;

  keeps('it waits until the floor is over', (world) => {
    busy(world, 30);
    world.sends(30.1, 0);
  });
  keeps('the server asks for a day, and a quarter of an hour is believed', (world) => {
    busy(world, 86_400);
    world.sends(900.1, 0);
  });
  keeps('another tab cannot know', (world) => {
    busy(world, 30);
    world.sends(5, 1);
  });
  keeps('a tab opens while the store cannot be read', (world) => {
    busy(world, 30);
    world.push({ is: 'store', at: 150, tab: 0, name: 'a', record });
    world.does(5, 1, 'open');
    world.faults(5, 1, 'store hangs');
    world.sends(5.1, 1);
  });
  keeps('the clock is set forward over the floor', (world) => {
    busy(world, 30);
    world.setsClock(5, 60);
    world.sends(6, 0);
  });
  keeps('a sign-out is told to the server meanwhile', (world) => {
    busy(world, 30);
    world.sends(5, 0, { op: 'revoke' });
  });

  breaks('a mint goes out offline', /Tab 0 sent a mint though it was offline/, (world) =>
    world.sends(1, 0, { online: false }),
  );
  breaks('a question goes out offline', /sent a check/, (world) => world.sends(1, 0, { op: 'check', online: false }));
  breaks('a forced read does not wait', /5 s after .* left alone for 30 s/, (world) => {
    busy(world, 30);
    world.sends(5.1, 0);
  });
  breaks('the session is asked about meanwhile', /Tab 0 sent a check 5 s after .* left alone for 30 s/, (world) => {
    busy(world, 30);
    world.sends(5.1, 0, { op: 'check' });
  });
  breaks('the clock is set back meanwhile', /sent a mint/, (world) => {
    busy(world, 30);
    world.setsClock(5, -3_600);
    world.sends(6, 0);
  });
  breaks('a tab that opens later has a store to look at', /Tab 1 sent a mint/, (world) => {
    busy(world, 30);
    world.push({ is: 'store', at: 150, tab: 0, name: 'a', record });
    world.does(5, 1, 'open');
    world.sends(5.1, 1);
  });
});
