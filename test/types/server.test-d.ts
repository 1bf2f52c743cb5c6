/** The server entry as types: what must compile, and what must not. */
import type { CryptoKey, JWK } from 'jose';
import { describe, expectTypeOf, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import {
  type AuthenticationAnswer,
  applyAnswer,
  createRequestAuthenticator,
  type Decision,
  decisionOf,
  type HandshakeFacts,
  handshakeMachine,
  headerCookie,
  type RequestAuthenticatorOptions,
  responseFor,
  type SessionClaims,
} from '../../adapters/server/index';
import type { SessionCookie } from '../../index';

declare const request: Request;
declare const facts: HandshakeFacts;

const plain = {
  keys: 'https://auth.example.com/jwks.json',
  issuer: 'https://auth.example.com',
  audience: 'https://api.example.com',
  appOrigin: 'https://app.example.com',
  cookie: { name: '__session' },
} as const satisfies RequestAuthenticatorOptions;

describe('createRequestAuthenticator', () => {
  it('Types: the four answers are told apart by their status', async () => {
    const authenticate = createRequestAuthenticator(plain);
    expectTypeOf(authenticate(request)).toEqualTypeOf<Promise<AuthenticationAnswer>>();
    expectTypeOf(authenticate.authenticate(request, { readOnly: true })).toEqualTypeOf<Promise<AuthenticationAnswer>>();
    const answer = await authenticate(request);
    expectTypeOf(answer.headers).toEqualTypeOf<Headers>();
    expectTypeOf(answer.url).toEqualTypeOf<string>();
    switch (answer.status) {
      case 'signed-in':
        expectTypeOf(answer.claims).toEqualTypeOf<SessionClaims>();
        expectTypeOf(answer.claims.sub).toEqualTypeOf<string>();
        expectTypeOf(answer.sessionId).toEqualTypeOf<string | null>();
        expectTypeOf(answer.via).toEqualTypeOf<'bearer' | 'cookie' | 'refresh'>();
        // @ts-expect-error there is nothing to give a reason for
        answer.reason;
        return;
      case 'signed-out':
        expectTypeOf<'cross-origin-request'>().toExtend<typeof answer.reason>();
        // @ts-expect-error nobody
        answer.userId;
        return;
      case 'handshake':
        expectTypeOf(answer.location).toEqualTypeOf<string>();
        expectTypeOf(responseFor(answer)).toEqualTypeOf<Response>();
        return;
      case 'unavailable':
        expectTypeOf(answer.retryAfterMs).toEqualTypeOf<number>();
        expectTypeOf(answer.reason).toEqualTypeOf<
          'keys-unreachable' | 'refresh-failed' | 'handshake-exchange-failed'
        >();
        return;
      default:
        expectTypeOf(answer).toBeNever();
    }
  });

  it('Types: any answer may be put on a response', async () => {
    const answer = await createRequestAuthenticator(plain)(request);
    expectTypeOf(responseFor(answer)).toEqualTypeOf<Response | undefined>();
    expectTypeOf(applyAnswer(answer, new Headers())).toEqualTypeOf<void>();
  });

  it('Types: what is required', () => {
    const { keys, issuer, cookie, ...others } = plain;
    // @ts-expect-error keys
    createRequestAuthenticator({ ...others, issuer, cookie });
    // @ts-expect-error issuer
    createRequestAuthenticator({ ...others, keys, cookie });
    // @ts-expect-error cookie
    createRequestAuthenticator({ ...others, keys, issuer });
    // @ts-expect-error the own origin is never taken from the request
    createRequestAuthenticator({ keys, issuer, cookie });
    createRequestAuthenticator({ keys, issuer, cookie, allowedOrigins: ['https://a.example.com'] });
    // @ts-expect-error misspelt
    createRequestAuthenticator({ ...plain, audiences: 'x' });
  });

  it('Types: marker, refresh and handshake', () => {
    createRequestAuthenticator({
      ...plain,
      marker: { cookie: '__client_uat' },
      refresh: {
        credential: '__refresh',
        run: async ({ credential, expiredToken, signal, request: asked }) => {
          expectTypeOf(credential).toEqualTypeOf<string>();
          expectTypeOf(expiredToken).toEqualTypeOf<string | null>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(asked).toEqualTypeOf<Request>();
          return { token: credential, cookies: [{ name: '__refresh', value: 'next', maxAge: 60 }] };
        },
      },
      handshake: {
        url: new URL('https://auth.example.com/handshake'),
        presentTokenOnHandshake: 'encrypted',
        encryptionKey: {} as JWK | CryptoKey,
        exchange: async ({ nonce }) => nonce,
      },
    });
    createRequestAuthenticator({ ...plain, refresh: { credential: () => null, run: async () => null } });
    // @ts-expect-error no token in it
    createRequestAuthenticator({ ...plain, refresh: { credential: 'a', run: async () => ({}) } });
    // @ts-expect-error one of three
    createRequestAuthenticator({ ...plain, handshake: { url: 'x', presentTokenOnHandshake: true } });
    // @ts-expect-error where to?
    createRequestAuthenticator({ ...plain, handshake: {} });
    // @ts-expect-error Secure always
    createRequestAuthenticator({ ...plain, cookie: { name: 'a', secure: false } });
  });
});

describe('handshakeMachine and headerCookie', () => {
  it('Types: the machine takes facts and is told answers', () => {
    const [snapshot] = initialTransition(handshakeMachine, facts);
    expectTypeOf(decisionOf(snapshot)).toEqualTypeOf<Decision>();
    const [next] = transition(handshakeMachine, snapshot, {
      type: 'refresh.answered',
      outcome: { is: 'refreshed', session: { is: 'valid', issuedAt: 0 } },
    });
    expectTypeOf(decisionOf(next)).toEqualTypeOf<Decision>();
    // @ts-expect-error there is no such answer
    transition(handshakeMachine, snapshot, { type: 'refresh.answered', outcome: { is: 'maybe' } });
    // @ts-expect-error it is not asked anything else
    transition(handshakeMachine, snapshot, { type: 'clock.tick' });
    // @ts-expect-error a decision is made from facts
    initialTransition(handshakeMachine, {});
  });

  it('Types: headerCookie is a SessionCookie', () => {
    expectTypeOf(
      headerCookie(request, new Headers(), { httpOnly: true, outageWindowMs: 5 }),
    ).toEqualTypeOf<SessionCookie>();
    // @ts-expect-error both sides
    headerCookie(request);
    // @ts-expect-error misspelt
    headerCookie(request, new Headers(), { httponly: true });
  });
});
