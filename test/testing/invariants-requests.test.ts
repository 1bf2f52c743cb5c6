/** What may be sent: S5, S6, S10. */
import { describe } from 'vitest';
import { nothingSentInVain } from '../../adapters/testing/invariants/floors';
import { oneMintInFlight } from '../../adapters/testing/invariants/in-flight';
import { rotatingSpentOnce } from '../../adapters/testing/invariants/rotating';
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
  /** The wall clock is set while a request is open, and another tab sends the same. */
  const setMeanwhile = (byS: number, did?: 'granted' | 'unavailable') => (world: HandMade) => {
    world.updated(0, 0, first);
    world.sends(70, 0, spend('c1'));
    world.setsClock(74, byS);
    if (did) world.push({ is: 'lock', at: 75_000, tab: 1, did, name: 'app' });
    world.sends(76, 1, spend('c1'));
  };
  const stillOpen = /after 6 s, while the first request with it was still open/;
  keeps('a tab that got no lock, after the clock was set ahead', setMeanwhile(3_600, 'unavailable'), strict);
  keeps('one that asks for none', setMeanwhile(4, undefined), strict);
  breaks('it is set ahead by less than what was left', stillOpen, setMeanwhile(3.9, 'unavailable'), strict);
  breaks('it is set back', stillOpen, setMeanwhile(-3_600, 'unavailable'), strict);
  breaks('it is set ahead, and the tab got the lock', stillOpen, setMeanwhile(3_600, 'granted'), strict);
  /** The cache was slow: sent 2 s after the mint began, and never given up, since the page froze. */
  const late = (world: HandMade): void => {
    world.updated(0, 0, first);
    world.emits(70, 0, 'refresh.started', {});
    world.sends(72, 0, spend('c1'));
    world.does(79, 0, 'freeze');
  };
  keeps(
    'it was sent late in its mint by a tab that froze, and the time of that mint is over',
    (world) => {
      late(world);
      world.sends(80, 1, spend('c1'));
    },
    strict,
  );
  breaks(
    'it was, and the time of that mint is not over yet',
    /after 7.9 s, while the first request with it was still open/,
    (world) => {
      late(world);
      world.sends(79.9, 1, spend('c1'));
    },
    strict,
  );
  breaks(
    'a mint that began before has sent a request of its own: the next has all its time',
    /after 8 s, while the first request with it was still open/,
    (world) => {
      world.updated(0, 0, first);
      world.emits(70, 0, 'refresh.started', {});
      world.fails(70, 0, {}, spend('c1'));
      world.sends(72, 0, spend('c1'));
      world.sends(80, 1, spend('c1'));
    },
    strict,
  );
  breaks(
    'what another tab or key began is no start of this one',
    /after 9 s, while the first request with it was still open/,
    (world) => {
      world.updated(0, 0, first);
      world.emits(60, 1, 'refresh.started', {});
      world.emits(60, 0, 'refresh.started', { key: { sessionId: 'sess_1', template: 'db' } });
      world.sends(72, 0, spend('c1'));
      world.sends(81, 1, spend('c1'));
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
  /** Tab 0 writes a record with a floor only after the page that was asked for it is gone, or has gone on after a stop. */
  const writesLater = (world: HandMade, then: 'open' | 'start'): void => {
    busy(world, 30);
    world.does(5, 0, then);
    world.push({ is: 'store', at: 6_000, tab: 0, name: 'a', record });
    world.sends(7, 1);
  };
  keeps('the page that was asked for it is gone before it could be written', (world) => writesLater(world, 'open'));
  breaks('it was stopped and started, and has written it by now', /Tab 1 sent a mint/, (world) =>
    writesLater(world, 'start'),
  );
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
