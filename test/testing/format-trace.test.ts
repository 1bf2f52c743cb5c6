/** A trace in lines that anybody can read. */
import { describe, expect, it } from 'vitest';
import { formatTrace } from '../../adapters/testing/format-trace';
import { leakIn, seeToken, seeValue } from '../../adapters/testing/see';
import type { TokenSeen, TraceEntry } from '../../adapters/testing/trace';
import { defaultPolicy } from '../../machines/policy';
import { jwt } from '../support/jwt';
import { start } from './support';

const token: TokenSeen = {
  fingerprint: 'a1b2c3d4',
  sessionId: 'sess_1',
  organizationId: null,
  template: null,
  issuedAt: start,
  expiresAt: start + 60_000,
  originIssuedAt: null,
};
const value = { kind: 'token', token } as const;
const tab = { at: 43_050, tab: 0 };
const key = { sessionId: 'sess_1' };
const nobody = { at: 43_050, tab: null };

/** What a line says, without when and who. */
const say = (entry: TraceEntry): string => formatTrace([entry]).slice(23);

describe('formatTrace', () => {
  it('§12 says when, who and what, in columns', () => {
    expect(
      formatTrace([
        { at: 0, tab: 0, is: 'command', do: 'open' },
        { at: 12_345_678, tab: 12, is: 'command', do: 'hide' },
        { ...nobody, is: 'command', do: 'offline' },
      ]),
    ).toBe(
      [
        '     0.000 s  tab 0    is opened',
        ' 12345.678 s  tab 12   is hidden',
        '    43.050 s  browser  loses its network',
      ].join('\n'),
    );
  });

  const command = { ...tab, is: 'command' } as const;
  const request = {
    ...tab,
    is: 'request',
    id: 4,
    op: 'mint',
    url: '/tokens',
    key,
    cause: 'proactive',
    presence: 'focused',
    attempt: 1,
    presented: null,
    credential: null,
    online: true,
    connected: true,
  } as const;
  const served = {
    ...nobody,
    is: 'served',
    id: 4,
    by: 'mint',
    status: 200,
    code: null,
    retryAfterMs: null,
    token,
    verdict: null,
    reused: false,
  } as const;
  const answer = { ...tab, is: 'answer', id: 4, outcome: 'answered', status: 200, retryAfterMs: null, token } as const;
  const settled = {
    ...tab,
    is: 'settled',
    id: 9,
    outcome: 'token',
    value,
    code: null,
    failure: null,
    serverNow: 0,
  } as const;
  const state = {
    ...tab,
    is: 'state',
    state: 'fresh',
    substate: null,
    status: 'ok',
    serving: true,
    fingerprint: 'a1b2c3d4',
    expiresAt: start,
    attempt: 0,
    nextAttemptAt: null,
    sessionId: 'sess_1',
    organizationId: null,
    clockOffsetMs: 0,
  } as const;
  const record = { v: 1, generation: 3, epoch: 1 } as const;

  const lines: [TraceEntry, string][] = [
    [{ ...command, do: 'sleep', ms: 60_000 }, 'sleeps for 60 s'],
    [{ ...command, do: 'skew', ms: -3_600_000 }, 'has its wall clock set by -3600 s'],
    [{ ...command, do: 'sign-in', sessionId: 'sess_2', organizationId: 'org_1' }, 'signIn(): sess_2 in org_1'],
    [{ ...command, do: 'switch', sessionId: 'sess_2', organizationId: null }, 'setActive(): sess_2'],
    [{ ...command, do: 'reject', fingerprint: 'a1b2c3d4' }, 'reportRejected(): token a1b2c3d4'],
    [{ ...tab, is: 'presence', visibility: 'visible', focus: false }, 'is visible, without the focus'],
    [{ ...tab, is: 'fault', fault: 'message lost', detail: 'token' }, 'fault: message lost, token'],
    [request, 'asks for the session token of sess_1 (request 4, proactive)'],
    [
      {
        ...request,
        key: { ...key, template: 'supabase', organizationId: 'org_1' },
        attempt: 3,
        presented: token,
        credential: 'ffff0000',
        online: false,
      },
      'asks for template supabase of sess_1 in org_1 (request 4, proactive, attempt 3, with the last token a1b2c3d4 ' +
        '(until 00:01:00), with credential ffff0000, although offline)',
    ],
    [
      { ...request, op: 'check', cause: null, connected: false },
      'asks whether the session lives (request 4, no network in truth)',
    ],
    [{ ...request, op: 'revoke', cause: null }, 'ends the session (request 4)'],
    [served, 'mints token a1b2c3d4 (until 00:01:00) (request 4)'],
    [
      { ...served, token: null, by: 'status', status: 429, code: 'slow_down', retryAfterMs: 20_000 },
      'answers 429, slow_down (request 4, told to: status, retry after 20 s)',
    ],
    [
      { ...served, token: null, status: 400, code: 'invalid_grant', reused: true },
      'answers 400, invalid_grant (request 4, the credential was spent before: the session is over)',
    ],
    [{ ...served, token: null, verdict: 'gone' }, 'says that the session is gone (request 4)'],
    [{ ...served, token: null, by: 'hang', status: null }, 'says nothing (request 4, told to: hang)'],
    [answer, 'gets token a1b2c3d4 (until 00:01:00) (request 4)'],
    [{ ...answer, token: null, status: 503 }, 'gets status 503 (request 4)'],
    [{ ...answer, outcome: 'late' }, 'no longer waits when token a1b2c3d4 (until 00:01:00) arrives (request 4)'],
    [{ ...answer, token: null, status: null, outcome: 'failed' }, 'gets no answer (request 4)'],
    [{ ...answer, token: null, status: null, outcome: 'aborted' }, 'gives up waiting (request 4)'],
    [
      { ...tab, is: 'read', id: 9, kind: 'plain', key, timeoutMs: null },
      'getToken() for the session token of sess_1 (read 9)',
    ],
    [
      { ...tab, is: 'read', id: 9, kind: 'forced', key: null, timeoutMs: 500 },
      'getToken({ skipCache: true }) for a token (read 9, at most 0.5 s)',
    ],
    [settled, 'read 9 gets token a1b2c3d4 (until 00:01:00)'],
    [{ ...settled, value: { kind: 'empty' } }, 'read 9 gets nothing'],
    [{ ...settled, outcome: 'null', value: null }, 'read 9 gets null'],
    [
      { ...settled, outcome: 'error', value: null, code: 'request_failed', failure: 'transient' },
      'read 9 gets the error request_failed, transient',
    ],
    [
      { ...tab, is: 'cookie', did: 'written', value, now: [value] },
      'writes the cookie: token a1b2c3d4 (until 00:01:00)',
    ],
    [
      {
        ...nobody,
        is: 'cookie',
        did: 'tossed',
        value: { kind: 'other', fingerprint: 'eeee1111' },
        now: [value, value],
      },
      'another domain sets a cookie of that name: eeee1111 (no JWT); the server now sees 2 of that name',
    ],
    [{ ...tab, is: 'companion', value: '1.2.out' }, "the cookie's companion says 1.2.out"],
    [{ ...tab, is: 'cache', did: 'set', key: 'k', value }, 'caches token a1b2c3d4 (until 00:01:00)'],
    [
      { ...tab, is: 'cache', did: 'deleted', key: 'k', value },
      'clears from the cache: token a1b2c3d4 (until 00:01:00)',
    ],
    [{ ...tab, is: 'store', name: 'world', record }, 'writes the shared record (generation 3, epoch 1)'],
    [
      { ...tab, is: 'store', name: 'world', record: { ...record, tombstone: { at: 1, reason: 'user' }, outage: true } },
      'writes the shared record (generation 3, epoch 1, signed out, outage)',
    ],
    [{ ...tab, is: 'store', name: 'world', record: null }, 'deletes the shared record'],
    [
      { ...tab, is: 'message', id: 7, did: 'delivered', kind: 'token', value },
      'message 7 is delivered: token, token a1b2c3d4 (until 00:01:00)',
    ],
    [{ ...nobody, is: 'message', id: 7, did: 'forged', kind: null, value: null }, 'message 7 is forged: unknown'],
    [{ ...tab, is: 'lock', did: 'granted', name: 'n' }, 'lock granted'],
    [{ ...tab, is: 'lock', did: 'done', name: 'n' }, 'lock given back'],
    [
      { ...tab, is: 'event', type: 'status.changed', event: { status: 'offline', previous: 'ok' } },
      'emits status.changed (offline)',
    ],
    [state, 'is fresh (serves a1b2c3d4)'],
    [
      { ...state, state: 'outage-fallback', substate: 'backing-off', status: 'degraded', serving: false },
      'is outage-fallback (backing-off, degraded, readers wait)',
    ],
    [{ ...state, state: 'signed-out', serving: false }, 'is signed-out'],
    [{ ...tab, is: 'leftovers', timers: 1, listeners: 0, locks: 2 }, 'has left: 1 timers, 0 listeners, 2 locks'],
    [{ ...tab, is: 'leak', where: 'log', fingerprint: 'a1b2c3d4' }, 'LEAK: the raw secret a1b2c3d4 stands in log'],
  ];
  it.each(lines)('§12 %o: %s', (entry, line) => {
    expect(say(entry)).toBe(line);
  });

  it('§12 begins with what there is', () => {
    const began: TraceEntry = {
      at: 0,
      tab: null,
      is: 'world',
      ...{
        seed: 7,
        tabs: 3,
        policy: defaultPolicy,
        serverStart: start,
        wallStart: start,
        ttlMs: 60_000,
        latencyMs: 100,
      },
      ...{ credential: 'rotating', reuseGraceMs: 0, checkSession: true },
      shared: { channel: 'tokens', lock: true, store: 'ordered', cache: 'shared', cookie: true },
    };
    expect(formatTrace([began])).toBe(
      '     0.000 s  world    begins: seed 7, 3 tabs, tokens of 60 s, 0.1 s per request, rotating credentials, ' +
        'shared: channel tokens, lock true, store ordered, cache shared, cookie true',
    );
  });
});

describe('what may be said of a secret', () => {
  it('§12 of a token: who, when and which, never what', () => {
    const raw = jwt({
      iat: 1_767_225_600,
      exp: 1_767_225_660,
      oiat: 1_767_225_500,
      claims: { org_id: 'org_1', template: 't' },
    });
    const seen = seeToken(raw);
    expect(seen).toEqual({
      ...{
        fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
        sessionId: 'sess_1',
        organizationId: 'org_1',
        template: 't',
      },
      ...{ issuedAt: 1_767_225_600_000, expiresAt: 1_767_225_660_000, originIssuedAt: 1_767_225_500_000 },
    });
    expect(JSON.stringify(seen)).not.toContain(raw.slice(-10));
  });

  it('§12 of anything else: that it is nothing, or that it is something', () => {
    expect(['', null, undefined].map(seeValue)).toEqual([{ kind: 'empty' }, { kind: 'empty' }, { kind: 'empty' }]);
    expect(seeValue('opaque')).toEqual({ kind: 'other', fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect([seeToken('opaque'), seeToken(5)]).toEqual([null, null]);
  });

  it('§12 a leak is found wherever it stands, and told by its fingerprint', () => {
    const raw = jwt({ iat: 1, exp: 2 });
    expect(leakIn(`could not send ${raw} to /tokens`)).toMatch(/^[0-9a-f]{8}$/);
    expect(leakIn('{"refresh_token":"credential-12-of-sess_1"}')).toMatch(/^[0-9a-f]{8}$/);
    expect(leakIn('session_not_found at sess_1, fingerprint a1b2c3d4, eyJ')).toBeNull();
  });
});
