/** One row, one transition: the smallest facts that take it. */

import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, transition } from 'xstate';
import { readChart } from '../../machines/chart';
import { decisionOf } from '../../machines/handshake/decision';
import type { HandshakeEvent, HandshakeFacts, TokenVerdict } from '../../machines/handshake/facts';
import { readMarker } from '../../machines/handshake/laws';
import { handshakeMachine } from '../../machines/handshake/machine';
import { meaningFaults, structureFaults } from '../house/support/chart-faults';
import { atHome, comingBack, decide, facts, navigation, verdicts } from './support/decide';

const { valid, expired, early, bad, unreadable, unverifiable } = verdicts;
const undated: TokenVerdict = { is: 'bad', issuedAt: null, reason: 'token-invalid-signature' };
const credential = { credential: true, methods: ['GET', 'HEAD'] };
const post = { ...navigation, method: 'POST', sameOrigin: false };
const fetched = { ...navigation, destination: 'empty' };

const brought = (session: TokenVerdict | null): HandshakeEvent => ({
  type: 'exchange.answered',
  outcome: { is: 'verified', session },
});
const arrived = (is: 'invalid' | 'unverifiable' | 'failed'): HandshakeEvent => ({
  type: 'exchange.answered',
  outcome: { is },
});
const refreshed = (session: TokenVerdict): HandshakeEvent => ({
  type: 'refresh.answered',
  outcome: { is: 'refreshed', session },
});
const notRefreshed = (is: 'mismatch' | 'refused' | 'trouble'): HandshakeEvent => ({
  type: 'refresh.answered',
  outcome: { is },
});

type Row = readonly [string, Partial<HandshakeFacts>, readonly HandshakeEvent[], string];

const back = { handshake: comingBack, cookies: [expired] };
const renewable = { cookies: [expired], refresh: credential };

const rows: readonly Row[] = [
  [
    'H0 a POST from elsewhere with a cookie',
    { request: post, cookies: [valid] },
    [],
    'signed-out cross-origin-request',
  ],
  [
    'H0 a refresh credential is a cookie too',
    { request: post, refresh: credential },
    [],
    'signed-out cross-origin-request',
  ],
  [
    'H0 a WebSocket from elsewhere',
    { request: { ...navigation, webSocket: true, sameOrigin: false }, cookies: [valid] },
    [],
    'signed-out cross-origin-request',
  ],
  ['H0 not with a bearer token', { request: post, bearer: valid, cookies: [valid] }, [], 'signed-in bearer'],
  ['H0 not without any credential', { request: post }, [], 'signed-out session-token-and-uat-missing'],
  ['H0 not from here', { request: { ...post, sameOrigin: true }, cookies: [valid] }, [], 'signed-in cookie'],
  ['H0 not for OPTIONS', { request: { ...post, method: 'OPTIONS' }, cookies: [valid] }, [], 'signed-in cookie'],
  ['H0 not for TRACE', { request: { ...post, method: 'TRACE' }, cookies: [valid] }, [], 'signed-in cookie'],
  [
    'H0 for DELETE, PATCH and what nobody has heard of',
    { request: { ...post, method: 'PURGE' }, cookies: [valid] },
    [],
    'signed-out cross-origin-request',
  ],
  ['H1 a bearer token verifies', { bearer: valid, cookies: [bad] }, [], 'signed-in bearer'],
  ['H1 its keys are unreachable', { bearer: unverifiable, cookies: [valid] }, [], 'unavailable keys-unreachable'],
  [
    'H1 it does not verify: no cookie in its place',
    { bearer: bad, cookies: [valid] },
    [],
    'signed-out token-invalid-signature',
  ],
  [
    'H1 it has expired: no handshake, no refresh',
    { bearer: expired, refresh: credential, handshake: atHome },
    [],
    'signed-out session-token-expired',
  ],
  ['H1 it is early: no handshake', { bearer: early, handshake: atHome }, [], 'signed-out session-token-nbf'],
  ['H1 it is unreadable', { bearer: unreadable, cookies: [valid] }, [], 'signed-out token-malformed'],
  ['H1 no handshake is looked into', { bearer: bad, ...back }, [], 'signed-out token-invalid-signature'],
  ['H2 back and bound: to be looked into', back, [], 'exchanging'],
  ['H2 not for what is no page', { ...back, request: fetched }, [], 'signed-out session-token-expired'],
  ['H2 the exchange failed', back, [arrived('failed')], 'unavailable handshake-exchange-failed'],
  ['H2 nobody can say whether it is the issuer’s', back, [arrived('unverifiable')], 'unavailable keys-unreachable'],
  ['H2 nobody can say what the new token is worth', back, [brought(unverifiable)], 'unavailable keys-unreachable'],
  ['H2 invalid: ignored, the cookie decides', { ...back, cookies: [valid] }, [arrived('invalid')], 'signed-in cookie'],
  ['H2 invalid: ignored, and on to the next', back, [arrived('invalid')], 'handshake session-token-expired'],
  ['H2 a new session token', back, [brought(valid)], 'returning'],
  ['H2 nobody is signed in', back, [brought(null)], 'returning'],
  ['H2 fresh and expired: a clock is wrong', back, [brought(expired)], 'signed-out clock-skew-suspected'],
  ['H2 fresh and early: a clock is wrong', back, [brought(early)], 'signed-out clock-skew-suspected'],
  ['H2 a new token that does not verify', back, [brought(bad)], 'signed-out token-invalid-signature'],
  ['H2 a new token that is none', back, [brought(unreadable)], 'signed-out token-malformed'],
  [
    'H2 back without a cookie, and nobody',
    { handshake: { ...comingBack, bound: false, knownBrowser: false } },
    [],
    'signed-out cookies-blocked',
  ],
  [
    'H2 back without a cookie: no other round',
    { cookies: [expired], handshake: { ...comingBack, bound: false, knownBrowser: false } },
    [],
    'signed-out cookies-blocked',
  ],
  [
    'H2 back without a cookie, but signed in',
    { cookies: [valid], handshake: { ...comingBack, bound: false, knownBrowser: false } },
    [],
    'signed-in cookie',
  ],
  ['H2b several, one verifies', { cookies: [bad, valid, expired] }, [], 'signed-in cookie'],
  ['H2b several, two verify', { cookies: [valid, valid] }, [], 'signed-out ambiguous-session'],
  ['H2b several, none verifies', { cookies: [bad, expired], handshake: atHome }, [], 'signed-out ambiguous-session'],
  ['H2b several, and nobody can say', { cookies: [unverifiable, bad] }, [], 'unavailable keys-unreachable'],
  [
    'H2b the one that verifies is held against the marker',
    { cookies: [bad, valid], marker: 2_000, handshake: atHome },
    [],
    'handshake session-token-iat-before-client-uat',
  ],
  ['H3 nothing', {}, [], 'signed-out session-token-and-uat-missing'],
  [
    'H3 nothing, with all options',
    { marker: null, handshake: atHome, refresh: { ...credential, credential: false } },
    [],
    'signed-out session-token-and-uat-missing',
  ],
  ['H3 nothing but a refresh credential', { refresh: credential }, [], 'refreshing'],
  ['H4 a marker without a token', { marker: 5, handshake: atHome }, [], 'handshake client-uat-but-no-session-token'],
  [
    'H4 a token without a marker',
    { marker: null, cookies: [valid], handshake: atHome },
    [],
    'handshake session-token-but-no-client-uat',
  ],
  [
    'H4 as fetch: signed out, for the same reason',
    { marker: 5, handshake: atHome, request: fetched },
    [],
    'signed-out client-uat-but-no-session-token',
  ],
  ['H4b unreadable', { marker: 5, cookies: [unreadable], handshake: atHome }, [], 'signed-out token-malformed'],
  [
    'H5 older than the marker',
    { marker: 1_001, cookies: [valid], handshake: atHome },
    [],
    'handshake session-token-iat-before-client-uat',
  ],
  [
    'H5 in the same second as the marker',
    { marker: 1_000, cookies: [valid], handshake: atHome },
    [],
    'signed-in cookie',
  ],
  [
    'H5 H6b H9 not for one that does not say when it was issued',
    { marker: 5, cookies: [undated], handshake: atHome },
    [],
    'signed-out token-invalid-signature',
  ],
  ['H6 verifies', { cookies: [valid] }, [], 'signed-in cookie'],
  ['H6b keys unreachable', { cookies: [unverifiable], handshake: atHome }, [], 'unavailable keys-unreachable'],
  ['H7 expired, with a credential', renewable, [], 'refreshing'],
  ['H7 HEAD as well', { ...renewable, request: { ...navigation, method: 'HEAD' } }, [], 'refreshing'],
  ['H7 the new token verifies', renewable, [refreshed(valid)], 'signed-in refresh'],
  ['H7 refused', { ...renewable, handshake: atHome }, [notRefreshed('refused')], 'signed-out refresh-refused'],
  [
    'H7 of somebody else',
    { ...renewable, handshake: atHome },
    [notRefreshed('mismatch')],
    'signed-out refresh-session-mismatch',
  ],
  ['H7 trouble, and no handshake', renewable, [notRefreshed('trouble')], 'unavailable refresh-failed'],
  [
    'H7 trouble, and a handshake',
    { ...renewable, handshake: atHome },
    [notRefreshed('trouble')],
    'handshake session-token-expired',
  ],
  [
    'H7 trouble without a token, and a handshake',
    { refresh: credential, handshake: atHome },
    [notRefreshed('trouble')],
    'handshake session-token-and-uat-missing',
  ],
  [
    'H7 trouble, and three handshakes already',
    { ...renewable, handshake: { ...atHome, recent: 3 } },
    [notRefreshed('trouble')],
    'unavailable refresh-failed',
  ],
  [
    'H7 trouble, back without a cookie',
    { ...renewable, handshake: { ...comingBack, bound: false, knownBrowser: false } },
    [notRefreshed('trouble')],
    'unavailable refresh-failed',
  ],
  [
    'H7 trouble, and no page',
    { ...renewable, handshake: atHome, request: fetched },
    [notRefreshed('trouble')],
    'unavailable refresh-failed',
  ],
  ['H7 a new token that does not verify is trouble', renewable, [refreshed(bad)], 'unavailable refresh-failed'],
  ['H7 a new token that is early is trouble', renewable, [refreshed(early)], 'unavailable refresh-failed'],
  [
    'H7 not for an early token',
    { cookies: [early], refresh: credential, handshake: atHome },
    [],
    'handshake session-token-nbf',
  ],
  ['H8 expired', { cookies: [expired], handshake: atHome }, [], 'handshake session-token-expired'],
  ['H8 early', { cookies: [early], handshake: atHome }, [], 'handshake session-token-nbf'],
  [
    'H8 two handshakes so far',
    { cookies: [expired], handshake: { ...atHome, recent: 2 } },
    [],
    'handshake session-token-expired',
  ],
  [
    'H8 three handshakes so far',
    { cookies: [expired], handshake: { ...atHome, recent: 3 } },
    [],
    'signed-out handshake-loop',
  ],
  [
    'H8 four handshakes so far',
    { cookies: [expired], handshake: { ...atHome, recent: 4 } },
    [],
    'signed-out handshake-loop',
  ],
  ['H8 no handshake configured', { cookies: [expired] }, [], 'signed-out session-token-expired'],
  [
    'H9 something else',
    { cookies: [bad], handshake: atHome, refresh: credential },
    [],
    'signed-out token-invalid-signature',
  ],
];

describe('rows of section 11', () => {
  it.each(rows)('%s', (_, given, events, meant) => {
    expect(decide(facts(given), ...events)).toBe(meant);
  });

  it('H0 H1 H2 H2b H3 H4 H4b H5 H6 H6b H7 H8 H9 walk every transition of the chart', () => {
    const walked = new Set<string>();
    for (const [, given, events] of rows) {
      const actor = createActor(handshakeMachine, {
        input: facts(given),
        inspect: (event) => {
          if (event.type !== '@xstate.microstep') return;
          for (const { source, guard, target } of event._transitions) {
            const name = typeof guard === 'object' && guard !== null ? (guard as { type: string }).type : guard;
            walked.add([source.key, name, target?.map(({ key }) => key)].join(' '));
          }
        },
      });
      actor.start();
      for (const event of events) actor.send(event);
      actor.stop();
    }
    const drawn = readChart(handshakeMachine).transitions.map(({ from, guard, to }) => [from, guard, to].join(' '));
    expect([...new Set(drawn)].filter((one) => !walked.has(one))).toEqual([]);
    expect(drawn.length).toBeGreaterThan(35);
  });

  it('H0 H9 an answer is tagged as decided, and what has to be found out as asked', () => {
    for (const [, given, events, meant] of rows) {
      let [snapshot] = initialTransition(handshakeMachine, facts(given));
      for (const event of events) [snapshot] = transition(handshakeMachine, snapshot, event);
      const asks = ['exchanging', 'refreshing'].includes(meant);
      expect([...snapshot.tags], meant).toEqual([asks ? 'asking' : 'decided']);
    }
  });

  it('H0 H9 are told apart: an event that nobody waits for changes nothing', () => {
    expect(decide(facts({ cookies: [bad] }), refreshed(valid), brought(valid))).toBe(
      'signed-out token-invalid-signature',
    );
    expect(decide(facts(renewable), brought(valid))).toBe('refreshing');
    expect(decide(facts(back), refreshed(valid))).toBe('exchanging');
  });
});

describe('which cookie counts', () => {
  it.each([
    [
      'H2b H6 the one of several that verifies',
      { cookies: [bad, valid] },
      { is: 'signed-in', via: 'cookie', cookie: 1 },
    ],
    ['H7 the only one', renewable, { is: 'refreshing', cookie: 0 }],
    ['H7 none', { refresh: credential }, { is: 'refreshing', cookie: null }],
    [
      'H4 none',
      { marker: 5, handshake: atHome },
      { is: 'handshake', reason: 'client-uat-but-no-session-token', cookie: null },
    ],
  ] as const)('%s', (_, given, meant) => {
    const [snapshot] = initialTransition(handshakeMachine, facts(given));
    expect(decisionOf(snapshot)).toStrictEqual(meant);
  });
});

describe('the handshake chart', () => {
  it('H9 names every guard and action, and has no wildcard and no end', () => {
    expect(structureFaults(handshakeMachine)).toEqual([]);
  });

  it('H9 is drawn under its name', () => {
    expect(readChart(handshakeMachine).id).toBe('handshake');
  });

  it('H9 says of each state and transition what it is for and which row it serves', () => {
    expect(meaningFaults(handshakeMachine)).toEqual([]);
  });
});

describe('H3 the marker', () => {
  const now = 1_000_000;
  it.each([
    ['is absent', [], null],
    ['is 0', ['0'], null],
    ['is empty', [''], null],
    ['is not a number', ['yesterday'], null],
    ['is a number in other clothes', ['1e3', '0x10', ' 5', '+5', '5.0', '-5'], null],
    ['is in the future', ['1006'], null],
    ['is as far ahead as clocks may be', ['1005'], 1_005],
    ['is in the past', ['1'], 1],
    ['is there twice: the later one', ['7', '9', '8'], 9],
    ['is there twice, once in the future: the other', ['7', '99999'], 7],
    ['is longer than any time', ['9'.repeat(400)], null],
  ] as const)('says nothing, or a time, where it %s', (_, values, meant) => {
    expect(readMarker(values, now, 5_000)).toBe(meant);
  });
});
