/** Facts in, the machine's word out, as one line of text. */
import { type EventFromLogic, initialTransition, transition } from 'xstate';
import { type Decision, decisionOf } from '../../../machines/handshake/decision';
import type { HandshakeFacts, RequestFacts, TokenVerdict } from '../../../machines/handshake/facts';
import { handshakeMachine } from '../../../machines/handshake/machine';
import { restful } from '../../machines/support';
import type { Case } from './oracle';

restful(handshakeMachine);

export const issuedAt = 1_000.9;

export const verdicts: Readonly<Record<Exclude<Case['token'], 'absent'>, TokenVerdict>> = {
  valid: { is: 'valid', issuedAt },
  expired: { is: 'expired', issuedAt },
  early: { is: 'early', issuedAt, reason: 'session-token-nbf' },
  bad: { is: 'bad', issuedAt, reason: 'token-invalid-signature' },
  unreadable: { is: 'unreadable', reason: 'token-malformed' },
  unverifiable: { is: 'unverifiable', issuedAt },
};

/** Somebody opens a page of ours. */
export const navigation: RequestFacts = {
  method: 'GET',
  webSocket: false,
  sameOrigin: true,
  destination: 'document',
  acceptsHtml: true,
  prefetch: false,
  canSetCookies: true,
};

export const atHome = { recent: 0, back: false, bound: false, knownBrowser: false };
export const comingBack = { recent: 1, back: true, bound: true, knownBrowser: true };

export const facts = (given: Partial<HandshakeFacts> = {}): HandshakeFacts => ({
  request: navigation,
  bearer: null,
  cookies: [],
  ...given,
});

export function say(decision: Decision): string {
  if (decision.is === 'signed-in') return `signed-in ${decision.via}`;
  return 'reason' in decision ? `${decision.is} ${decision.reason}` : decision.is;
}

/** @param events answers to what the machine asks on the way */
export function decide(given: HandshakeFacts, ...events: readonly EventFromLogic<typeof handshakeMachine>[]): string {
  let [snapshot] = initialTransition(handshakeMachine, given);
  for (const event of events) [snapshot] = transition(handshakeMachine, snapshot, event);
  return say(decisionOf(snapshot));
}

const markerSeconds = { none: null, older: 999, 'same-second': 1_000, newer: 1_001 } as const;

function handshakeOf(handshake: Exclude<Case['handshake'], 'off'>) {
  if (typeof handshake === 'number') return { ...atHome, recent: handshake, knownBrowser: handshake > 0 };
  return { recent: 0, back: true, bound: false, knownBrowser: handshake === 'back-unbound' };
}

export function factsOf(one: Case): HandshakeFacts {
  const { token, marker, method, destination, manner, sameOrigin, refresh, handshake } = one;
  return {
    request: {
      method,
      sameOrigin,
      webSocket: manner === 'websocket',
      prefetch: manner === 'prefetch',
      canSetCookies: manner !== 'websocket' && manner !== 'read-only',
      destination: destination.startsWith('unsaid') ? null : destination,
      acceptsHtml: destination === 'unsaid-html',
    },
    bearer: null,
    cookies: token === 'absent' ? [] : [verdicts[token]],
    ...(marker !== 'off' && { marker: markerSeconds[marker] }),
    ...(refresh !== 'off' && { refresh: { credential: refresh === 'with-credential', methods: ['GET', 'HEAD'] } }),
    ...(handshake !== 'off' && { handshake: handshakeOf(handshake) }),
  };
}
