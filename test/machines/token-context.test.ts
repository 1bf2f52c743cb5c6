/** What a key remembers when its machine starts (§2). */
import { expect, it } from 'vitest';
import { defaultPolicy } from '../../machines/policy';
import { localClock } from '../../machines/server-time';
import { initialContext } from '../../machines/token/context';
import { contextOf, sinceStart } from './support';

it('T3 T28 a key of which nothing but its name is known starts from nothing', () => {
  const { seen } = contextOf();
  const key = { sessionId: 'sess_1' };
  expect(initialContext({ key, seen })).toStrictEqual({
    key,
    seen,
    policy: defaultPolicy,
    credential: { kind: 'ambient', reuseGraceMs: 0 },
    active: false,
    sharing: { turns: false, peers: false },
    clock: localClock,
    unexplored: true,
    held: null,
    rejected: [],
    mints: 0,
    lastStart: null,
    presenting: false,
    cause: 'restore',
    check: null,
    status: 'ok',
    outage: { marked: false, refreshes: 0 },
    failedStarts: [],
    failedTries: 0,
    failures: 0,
    error: null,
    pause: null,
    spread: null,
    askedAgain: false,
    answerLost: false,
    offlineChecks: 0,
    wanted: false,
    forcedAfter: null,
    readSinceMint: false,
  });
});

it('T3 R5.8 what is known from before counts: a wait, an outage, a lost answer, a token or that there is none', () => {
  const { seen } = contextOf();
  const pause = { since: sinceStart(0), ms: 9_000, kind: 'retry-after' } as const;
  const known = {
    key: { sessionId: 'sess_1' },
    seen,
    outageMarked: true,
    answerLost: true,
    pause,
  };
  expect(initialContext({ ...known, token: null })).toMatchObject({
    unexplored: false,
    held: null,
    error: { class: 'rate-limited' },
    pause,
    answerLost: true,
    status: 'degraded',
    outage: { marked: true, refreshes: 0 },
  });
});
