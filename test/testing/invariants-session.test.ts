/** Signing out, and what may be said and shown after it: S1, S2, S7, S11, L4. */
import { describe, expect, it } from 'vitest';
import { checkTrace, invariants } from '../../adapters/testing/invariants';
import { nothingLeftBehind } from '../../adapters/testing/invariants/leftovers';
import { nothingEmpty } from '../../adapters/testing/invariants/nothing-empty';
import { noSecretsOutside } from '../../adapters/testing/invariants/secrets';
import { signedOutForAReason } from '../../adapters/testing/invariants/sign-out';
import { silentAfterSignOut } from '../../adapters/testing/invariants/silence';
import { bothWays } from './support/both-ways';
import { type HandMade, handMade, key, token, value } from './support/hand-made';

const first = token('aaaa0001', 0);

describe('the list of invariants', () => {
  it('S1 to S11, L1 to L4 and R7 are there, in order, each with a title and a description of its own', () => {
    expect(invariants.map(({ id }) => id)).toEqual('S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 L1 L2 L3 L4 R7'.split(' '));
    for (const of of ['title', 'description'] as const)
      expect(new Set(invariants.map((one) => one[of])).size).toBe(invariants.length);
  });

  it('S1 a trace that does not tell how its world began is refused', () => {
    const { trace } = handMade();
    expect(() => checkTrace(trace.slice(1))).toThrow('must begin with its `world` entry');
  });

  it('S1 S2 violations come in the order in which they happened', () => {
    const made = handMade();
    made.caches(1, 0, null);
    made.signedOut(2, 0);
    expect(checkTrace(made.trace).map(({ invariant }) => invariant)).toEqual(['S2', 'S1']);
  });
});

describe('S1', () => {
  const { keeps, breaks } = bothWays(signedOutForAReason);
  const signedIn = (world: HandMade) => {
    for (const tab of [0, 1]) world.signedIn(0, tab);
    world.cookie(0.1, 0, 'written', first);
  };

  keeps('the user signs out in one tab, and the other hears of it', (world) => {
    signedIn(world);
    world.does(5, 0, 'sign-out');
    world.cookie(5, 0, 'removed', first);
    world.signedOut(5, 0);
    world.signedOut(5.2, 1);
  });
  keeps('the server says that the session is gone', (world) => {
    signedIn(world);
    world.fails(5, 0, { status: 401 });
    const id = world.sends(5.1, 0, { op: 'check' });
    world.served(5.15, id, { verdict: 'gone' });
    world.answers(5.2, 0, id);
    world.signedOut(5.2, 0);
  });
  keeps(
    'a terminal code comes where nobody can be asked',
    (world) => {
      signedIn(world);
      world.fails(5, 0, { status: 400, code: 'invalid_grant' });
      world.signedOut(5.1, 0);
    },
    { world: { checkSession: false } },
  );
  keeps('one signs out before it is known of whom', (world) => {
    world.does(1, 0, 'sign-out');
    world.signedOut(1, 0, null);
  });
  const leavesUnseen = (world: HandMade, reason: 'user' | 'peer'): void => {
    signedIn(world);
    world.does(2, 0, 'open');
    world.does(3, 0, 'sign-out');
    world.signedOut(3, 0, 'sess_1', reason);
    world.signedOut(3.2, 1, 'sess_1', 'peer');
  };
  keeps('one signs out in a new page before it is known of whom, and the other tab hears of it', (world) =>
    leavesUnseen(world, 'user'),
  );
  breaks('that page only repeats what it heard', /Tab 1 was signed out/, (world) => leavesUnseen(world, 'peer'));
  breaks('the page that was told to sign out is gone', /Tab 0 was signed out/, (world) => {
    world.does(1, 0, 'sign-out');
    world.does(2, 0, 'open');
    world.signedIn(3, 0);
    world.signedOut(4, 0);
  });
  keeps('somebody forged word of a sign-out', (world) => {
    signedIn(world);
    world.push({ is: 'message', at: 3_000, tab: null, id: 9, did: 'forged', kind: 'signed-out', value: null });
    world.push({ is: 'message', at: 3_000, tab: 1, id: 9, did: 'delivered', kind: 'signed-out', value: null });
    world.signedOut(3, 1);
  });
  keeps('one signs in as somebody else, and out again before there is a new token', (world) => {
    signedIn(world);
    world.signsIn(5, 0, 'sess_2');
    world.does(6, 0, 'sign-out');
    world.cookie(6, 0, 'removed', first);
    world.signedOut(6, 0, 'sess_2');
  });
  keeps('the cookie simply expires', (world) => {
    signedIn(world);
    world.cookie(60, null, 'expired', first);
  });

  breaks('a 401 alone signs out', /Tab 0 was signed out/, (world) => {
    signedIn(world);
    world.fails(5, 0, { status: 401 });
    world.signedOut(5.1, 0);
  });
  breaks('a terminal code is taken for proof though the source could have been asked', /Tab 0/, (world) => {
    signedIn(world);
    world.fails(5, 0, { status: 400, code: 'invalid_grant' });
    world.signedOut(5.1, 0);
  });
  breaks('the server says `gone`, but the answer never arrives', /Tab 0/, (world) => {
    signedIn(world);
    const id = world.sends(5.1, 0, { op: 'check' });
    world.served(5.15, id, { verdict: 'gone' });
    world.answers(5.2, 0, id, { outcome: 'failed', status: null });
    world.signedOut(5.2, 0);
  });
  /** Tab 1 heard of a sign-out, and has signed in again; before or after that the clock is set, and it hears once more. */
  const hearsAgain = (
    world: HandMade,
    byS: number,
    hears: boolean | 'from the record' = true,
    set: 'before' | 'after' = 'after',
  ): void => {
    signedIn(world);
    world.does(5, 0, 'sign-out');
    world.signedOut(5, 0);
    world.signedOut(5.1, 1);
    if (set === 'before') world.setsClock(6, byS);
    world.signsIn(8, 1);
    world.signedIn(8, 1);
    if (set === 'after') world.setsClock(8.5, byS);
    if (hears === 'from the record') world.faults(8.5, 1, 'store hangs', 'update');
    if (hears === true)
      world.push({ is: 'message', at: 9_000, tab: 1, id: 9, did: 'delivered', kind: 'signed-out', value: null });
    world.signedOut(9, 1, 'sess_1', 'peer');
  };
  const again = /Tab 1 was signed out/;
  breaks('word of an old sign-out ends a session that was given again', again, (world) => hearsAgain(world, 0));
  breaks('so it does where the clock was set ahead since', again, (world) => hearsAgain(world, 3_600));
  breaks('the clock was set back since, and there is no word of it', again, (world) =>
    hearsAgain(world, -3_600, false),
  );
  keeps('the clock was set back since: nobody can tell that it is old', (world) => hearsAgain(world, -3_600));
  keeps('it was set back before that, and is again where it was at the sign-out', (world) =>
    hearsAgain(world, -4, true, 'before'),
  );
  breaks('it is not there yet: word from the future is of before', again, (world) =>
    hearsAgain(world, -4.1, true, 'before'),
  );
  breaks('it is, and there is no word of it', again, (world) => hearsAgain(world, -4, false, 'before'));
  keeps('it is, and the tab owes its sign-in to the record', (world) =>
    hearsAgain(world, -4, 'from the record', 'before'),
  );
  breaks('it does, and the clock is not there yet', again, (world) =>
    hearsAgain(world, -4.1, 'from the record', 'before'),
  );
  breaks('it does, and the clock was not set back', again, (world) => hearsAgain(world, 0, 'from the record'));
  breaks('the other user is signed out', /Tab 1/, (world) => {
    world.signedIn(0, 0);
    world.signedIn(0, 1, 'sess_2');
    world.does(5, 0, 'sign-out');
    world.signedOut(5, 0);
    world.signedOut(5.2, 1, 'sess_2');
  });
  breaks(
    'the sign-out of one user removes the cookie of the other',
    /nobody had signed out of its session/,
    (world) => {
      world.signedIn(0, 0);
      world.signsIn(1, 1, 'sess_2');
      world.cookie(2, 1, 'written', token('bbbb0001', 2, { sessionId: 'sess_2' }));
      world.does(5, 0, 'sign-out');
      world.cookie(5, 0, 'removed', token('bbbb0001', 2, { sessionId: 'sess_2' }));
      world.signedOut(5, 0);
    },
  );
  /** Tab 1 signs in as somebody else, then tab 0 takes up `sessionId`, and takes its late cookie away again. */
  const takesBack = (world: HandMade, sessionId: string): void => {
    world.signedIn(0, 0, 'sess_1');
    world.signsIn(1, 1, 'sess_2');
    world.signedIn(1, 1, 'sess_2');
    world.push({ is: 'command', at: 2_000, tab: 0, do: 'switch', sessionId, organizationId: 'org_1' });
    world.signedIn(2, 0, sessionId);
    world.cookie(3, 0, 'removed', token('cccc0001', 2, { sessionId, organizationId: 'org_1' }));
  };
  keeps('a cookie is taken back that is another user’s by now: an organization is no sign-in', (world) =>
    takesBack(world, 'sess_1'),
  );
  breaks('it is the last one’s that was switched to', /removed the cookie/, (world) => takesBack(world, 'sess_3'));
  /** Tab 1 signs in to the session, and `writes` it or not; tab 0, which has it as well, takes the cookie away. */
  const misread = (world: HandMade, fault: string | null, writes = false): void => {
    world.signedIn(0, 0);
    world.signsIn(1, 1);
    if (fault) world.faults(1, 1, fault, 'update');
    if (writes) world.push({ is: 'store', at: 2_000, tab: 1, name: 'app', record: null });
    world.cookie(3, 0, 'removed', first);
  };
  keeps('the last sign-in could not be written: the record says that the cookie is somebody else’s', (world) =>
    misread(world, 'store full'),
  );
  breaks('it was written later', /removed the cookie/, (world) => misread(world, 'store full', true));
  breaks('something else failed', /removed the cookie/, (world) => misread(world, 'cache full'));
  breaks('a failure removes the cookie', /removed the cookie with token aaaa0001/, (world) => {
    signedIn(world);
    world.fails(5, 0);
    world.cookie(5.1, 0, 'removed', first);
  });
});

describe('S2', () => {
  const { keeps, breaks } = bothWays(nothingEmpty);

  keeps('tokens go everywhere, and who is signed out answers null', (world) => {
    world.is(0, 0, 'fresh');
    world.caches(1, 0, first);
    world.cookie(1, 0, 'written', first);
    world.reads(1, 0, first);
    const waiting = world.asks(2, 0);
    world.does(2, 0, 'sign-out');
    world.is(2, 0, 'signed-out');
    world.gets(2, 0, waiting, null);
    world.reads(3, 0, null);
  });
  keeps('a peek has nothing to show', (world) => {
    world.is(0, 0, 'refreshing');
    world.gets(1, 0, world.asks(1, 0, 'peek'), null);
  });
  keeps('somebody signs in again while the null is on its way', (world) => {
    world.is(0, 0, 'signed-out');
    const read = world.asks(1, 0);
    world.is(1, 0, 'refreshing');
    world.gets(1, 0, read, null);
  });
  keeps(
    'a channel that carries no tokens has a notice without one',
    (world) => world.push({ is: 'message', at: 1, tab: 0, id: 1, did: 'posted', kind: 'token', value: null }),
    { world: { shared: { channel: 'notices' } } },
  );

  breaks('an empty value is cached', /empty value into the cache/, (world) => world.caches(1, 0, null));
  breaks('a cookie without a token is written', /cookie without a token/, (world) =>
    world.cookie(1, 0, 'written', null),
  );
  breaks('the other tabs are sent nothing', /no token/, (world) =>
    world.push({ is: 'message', at: 1, tab: 0, id: 1, did: 'posted', kind: 'token', value: { kind: 'empty' } }),
  );
  breaks('a reader gets an empty string', /empty string/, (world) => {
    const id = world.asks(1, 0);
    world.gets(1, 0, id, first, { value: { kind: 'empty' } });
  });
  breaks('a reader who is signed in gets null', /answered with null/, (world) => {
    world.is(0, 0, 'offline-retrying');
    world.reads(20, 0, null);
  });
  breaks('a reader gets null who asked after signing in again', /answered with null/, (world) => {
    world.is(0, 0, 'signed-out');
    world.is(1, 0, 'refreshing');
    world.reads(2, 0, null);
  });
  breaks('an announced token has no fingerprint', /none/, (world) =>
    world.emits(1, 0, 'token.updated', { fingerprint: '', from: 'mint' }),
  );
});

describe('S7', () => {
  const { keeps, breaks } = bothWays(silentAfterSignOut);
  const leave = (world: HandMade) => {
    world.signedIn(0, 0);
    world.does(5, 0, 'sign-out');
    world.signedOut(5, 0);
  };

  keeps('the sign-out is told to the server, and a late answer is dropped', (world) => {
    world.signedIn(0, 0);
    const id = world.sends(4.9, 0);
    world.does(5, 0, 'sign-out');
    world.answers(5, 0, id, { outcome: 'aborted', status: null });
    world.signedOut(5, 0);
    world.sends(5, 0, { op: 'revoke' });
    world.answers(5.2, 0, id, { outcome: 'late', token: first });
  });
  keeps('a slow cache writes late, and is cleared again', (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.uncaches(5.6, 0, first);
    world.is(60, 0, 'signed-out');
  });
  keeps('a slow cache writes late, and is slow to be cleared again', (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.faults(5.5, 0, 'cache is slow', 'deleteAll');
    world.is(8, 0, 'signed-out');
    world.uncaches(15, 0, first);
    world.is(60, 0, 'signed-out');
  });
  keeps('a slow cache writes late, and the tab crashes before it could clear it', (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.does(6, 0, 'crash');
    world.is(60, 1, 'fresh');
  });
  keeps('a slow cache writes late, and hangs when it is to be cleared', (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.faults(5.5, 0, 'cache hangs', 'deleteAll');
    world.is(60, 0, 'signed-out');
  });
  keeps('two tabs write late into a slow cache that they share, and it is cleared once', (world) => {
    world.signedIn(0, 1);
    leave(world);
    world.signedOut(5.1, 1);
    for (const tab of [0, 1]) world.caches(5.5, tab, first);
    world.push({ is: 'cache', at: 6_000, tab: 0, did: 'deleted', key: 'a', value: { kind: 'token', token: first } });
    world.is(60, 0, 'signed-out');
  });
  breaks('a slow cache writes late, and hung before that', /into the cache \(a\), and it stayed/, (world) => {
    leave(world);
    world.faults(5.4, 0, 'cache hangs', 'deleteAll');
    world.caches(5.5, 0, first);
    world.faults(5.5, 0, 'cache hangs', 'get');
    world.is(60, 0, 'signed-out');
  });
  for (const fault of ['store throws', 'store full'] as const)
    keeps(`a tab that has not heard writes the cookie, and cannot read the record after that: ${fault}`, (world) => {
      world.signedIn(0, 1);
      leave(world);
      world.cookie(5.5, 1, 'written', first);
      world.faults(5.5, 1, fault, 'read');
      world.is(60, 1, 'fresh');
    });
  breaks(
    'a tab that has not heard writes the cookie, and could not write the record',
    /into the cookie, and it stayed/,
    (world) => {
      world.signedIn(0, 1);
      leave(world);
      world.cookie(5.5, 1, 'written', first);
      world.faults(5.5, 1, 'store throws', 'update');
      world.is(60, 1, 'fresh');
    },
  );
  breaks(
    'a tab that has heard writes the cookie late, and cannot read the record',
    /into the cookie, and it stayed/,
    (world) => {
      leave(world);
      world.cookie(5.5, 0, 'written', first);
      world.faults(5.5, 0, 'store throws', 'read');
      world.is(60, 0, 'signed-out');
    },
  );
  breaks('a slow cache writes late, and another tab crashes', /into the cache \(a\), and it stayed/, (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.does(6, 1, 'crash');
    world.is(60, 0, 'signed-out');
  });
  breaks('a slow cache writes late, and nobody clears it', /into the cache \(a\), and it stayed/, (world) => {
    leave(world);
    world.faults(5.4, 0, 'cache is slow', 'deleteAll');
    world.caches(5.5, 0, first);
    world.is(8, 0, 'signed-out');
  });
  breaks('a cache that is slow to be cleared is not cleared at all', /into the cache \(a\), and it stayed/, (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.faults(5.5, 0, 'cache is slow', 'deleteAll');
    world.is(18, 0, 'signed-out');
  });
  keeps('a tab that has not heard writes the cookie, looks again and takes it back', (world) => {
    world.signedIn(0, 1);
    leave(world);
    world.cookie(5.5, 1, 'written', first);
    world.cookie(5.5, 1, 'removed', first);
    world.is(9, 1, 'signed-out');
  });
  keeps('one signs in again', (world) => {
    leave(world);
    world.signsIn(6, 0);
    world.signedIn(6, 0);
    world.mints(6, 0, token('aaaa0002', 6));
    world.cookie(6.1, 0, 'written', token('aaaa0002', 6));
  });

  keeps('one signs in again in another tab, before a third hears of the sign-out', (world) => {
    leave(world);
    world.signsIn(6, 1);
    world.signedIn(6, 1);
    world.signedOut(7, 2, 'sess_1', 'peer');
    world.cookie(8, 1, 'written', token('aaaa0002', 8));
    world.is(20, 1, 'fresh');
  });

  breaks('a mint goes out', /before it sent a mint/, (world) => {
    leave(world);
    world.sends(5.5, 0);
  });
  breaks('a late mint is announced', /before it emitted token.updated/, (world) => {
    leave(world);
    world.updated(5.5, 0, first);
  });
  breaks('the other tabs are told of a token', /told the other tabs/, (world) => {
    leave(world);
    world.push({ is: 'message', at: 5_500, tab: 0, id: 1, did: 'posted', kind: 'token', value: value(first) });
  });
  breaks('a late write brings the cookie back for good', /into the cookie, and it stayed/, (world) => {
    leave(world);
    world.cookie(5.5, 0, 'written', first);
    world.is(9, 0, 'signed-out');
  });
  breaks('a tab that has not heard brings the cookie back', /tab 1 put token aaaa0001 into the cookie/, (world) => {
    world.signedIn(0, 1);
    leave(world);
    world.cookie(5.5, 1, 'written', first);
    world.is(9, 1, 'fresh');
  });
  breaks('a late write stays in the cache, another entry being cleared', /into the cache \(a\)/, (world) => {
    leave(world);
    world.caches(5.5, 0, first);
    world.uncaches(5.6, 0, first, 'b');
    world.is(9, 0, 'signed-out');
  });
});

describe('S11', () => {
  const { keeps, breaks } = bothWays(noSecretsOutside);
  const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'e30', ''].join('.');

  keeps('fingerprints and names are all there is', (world) => {
    world.mints(1, 0, first);
    world.caches(1.1, 0, first, 'tl:1a2b3c4d:token:5e6f');
  });

  breaks('the world found a raw token', /seen in log/, (world) =>
    world.push({ is: 'leak', at: 1, tab: 0, where: 'log', fingerprint: 'aaaa0001' }),
  );
  breaks('the last token is in a URL', /into the URL of a mint/, (world) =>
    world.sends(1, 0, { url: `https://auth.test/tokens?expired_token=${jwt}` }),
  );
  breaks('a cache entry is named after a token', /named a cache entry/, (world) => world.caches(1, 0, first, jwt));
});

describe('L4', () => {
  const { keeps, breaks } = bothWays(nothingLeftBehind);
  const stop = (world: HandMade, left: { timers?: number; listeners?: number; locks?: number } = {}) => {
    world.signedIn(0, 0);
    world.does(5, 0, 'stop');
    world.push({ is: 'leftovers', at: 5_000, tab: 0, timers: 0, listeners: 0, locks: 0, ...left });
  };

  keeps('nothing is left, and it starts again', (world) => {
    stop(world);
    world.does(6, 0, 'start');
    world.mints(6, 0, first);
  });
  keeps('a sign-out follows the stop', (world) => {
    stop(world);
    world.does(6, 0, 'sign-out');
    world.signedOut(6, 0);
  });
  keeps('another tab goes on', (world) => {
    stop(world);
    world.mints(6, 1, first);
  });

  breaks('timers stay armed', /left 2 timers behind/, (world) => stop(world, { timers: 2 }));
  breaks('a listener and a lock stay', /left 1 listeners, 1 locks/, (world) => stop(world, { listeners: 1, locks: 1 }));
  breaks('a mint goes out later', /sent a mint after it had been stopped/, (world) => {
    stop(world);
    world.sends(7, 0, { key });
  });
  breaks('an event is emitted later', /emitted status.changed/, (world) => {
    stop(world);
    world.emits(7, 0, 'status.changed', { status: 'ok', previous: 'degraded' });
  });
});
