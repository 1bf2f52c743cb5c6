/** `createTokenServer`. */

import type { JSONWebKeySet, JWTPayload } from 'jose';
import { checkText } from '../../../machines/check';
import type { TokenSource } from '../../../machines/ports';
import type { Fetch } from '../../source/http-options';
import type { Means } from './answer';
import { type Behave, checkBehave, checkBehaviour, type ServerBehaviour } from './behaviour';
import { createFetch, readCall, toResponse, untilAborted, waitOn } from './fetch';
import { createIssuer, type RecordedHandshake } from './handshake/issuer';
import { readServerOptions, type TokenServerOptions } from './options';
import { createReceiver, type Reception } from './receive';
import type { Call, RecordedRequest } from './request';
import { createSessions } from './sessions';
import { createSigner } from './signer';
import { createSource } from './source';

export type TokenServer = {
  /**
   * Answers a Fetch `Request`, for node:http, msw and Playwright's `route`. Never rejects: where the server breaks the
   * connection, and where the client leaves one that hangs, the answer is `Response.error()`.
   */
  handle(request: Request): Promise<Response>;
  /** `fetch` as a client would have it, in the clock's time: latency, abortion, and no network after `setOnline(false)`. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** A token source over `fetch`, or over another one that leads here. */
  source(fetch?: Fetch): TokenSource;
  /** How requests are answered from now on. A plain behaviour counts for mints; of the others, `check` and `revoke` know `status`, `outage` and what befalls the connection. */
  respondWith(behave: Behave): void;
  /** For the next mints, one each; then `respondWith` again. */
  script(behaviours: readonly ServerBehaviour[]): void;
  /** Everything that arrived, in order. Fingerprints, no tokens. */
  readonly requests: readonly RecordedRequest[];
  /** Browsers that were sent here with a handshake, in order; see the option `handshake`. */
  readonly handshakes: readonly RecordedHandshake[];
  /** When mints arrived, in true ms since the server was made. */
  readonly mints: readonly number[];
  /** The session is over: mints are refused, and `checkSession` says gone. */
  revoke(sessionId: string): void;
  /** A session, alive (again). Where credentials rotate, `credential` is its first. */
  signIn(sessionId: string): { readonly sessionId: string; readonly credential?: string };
  /** How often a single-use credential came a second time and was not forgiven. */
  readonly reuses: number;
  /** The server's clock, epoch ms. It runs truly, whatever happens to the client's. */
  now(): number;
  setTtl(seconds: number): void;
  setOnline(online: boolean): void;
  /** The public keys, also at /.well-known/jwks.json. None under HS256. */
  jwks(): Promise<JSONWebKeySet>;
  /** The claims of a token that this server has signed and that has not expired. Rejects with jose's error. */
  verify(token: string): Promise<JWTPayload>;
  /** What `handle` does, and all that happened with it: for simulated networks. */
  receive(call: Call): Promise<Reception>;
};

/**
 * A token server that does as it is told: it signs real JWTs, speaks what `httpTokenSource` speaks, and fails in the ways in
 * which servers fail (issue scenarios A to J). Answers mints until told otherwise.
 *
 * @param options `clock` (default the system's), `ttlSeconds` (60), `latencyMs` of `fetch` (100); see `TokenServerOptions`
 * @throws ConfigurationError for an option or a behaviour that cannot work
 * @example
 * const clock = createVirtualClock();
 * const server = createTokenServer({ clock, ttlSeconds: 60 });
 * const tokens = createTokenLifecycle({ session: { id: 'sess_1' }, clock, source: server.source() }).start();
 * server.script([{ do: 'status', status: 503 }, { do: 'mint' }]);
 * await clock.advance(5_000);
 * server.mints; // [50, 3150]
 */
export function createTokenServer(options: TokenServerOptions = {}): TokenServer {
  const settings = readServerOptions(options);
  const { clock, offsetMs, latencyMs } = settings;
  const trueNow = (): number => clock.trueNow?.() ?? clock.now();
  const startedAt = trueNow();
  const hold = <T>(work: Promise<T>): Promise<T> => clock.hold?.(work) ?? work;
  const signer = createSigner(settings.signing, hold);
  const sessions = createSessions(settings.reuseGraceMs);
  const now = (): number => trueNow() + offsetMs;
  const wait = waitOn(clock);
  let { ttlSeconds } = settings;
  let serial = 0;
  let online = true;

  const means: Means = {
    signer,
    sessions,
    issuer: settings.origin,
    rotating: settings.credential === 'rotating',
    withDate: settings.withDate,
    withOrigin: settings.withOrigin,
    now,
    ttlSeconds: () => ttlSeconds,
    nextSerial: () => {
      serial += 1;
      return serial;
    },
  };
  const elapsed = (): number => trueNow() - startedAt;
  const receiver = createReceiver(means, wait, elapsed);
  const { receive, requests } = receiver;
  const issuer = settings.handshake
    ? createIssuer(settings.handshake, { ...means, elapsed, standing: () => receiver.standing })
    : null;
  const fetch = createFetch({ clock, latencyMs, isOnline: () => online, receive });

  return {
    handle: async (request) => {
      const page = issuer?.answer(request);
      if (page) return page;
      const reception = await receive(await readCall(request));
      const answered = reception.ends === 'never' ? new Promise<never>(() => {}) : wait(reception.afterMs);
      // Nobody listens any more: to reject would only make noise in the runner.
      return untilAborted(answered, request.signal).then(
        () => toResponse(reception),
        () => Response.error(),
      );
    },
    fetch,
    source: (own = fetch) => createSource(settings, own),
    respondWith: (behave) => {
      checkBehave('respondWith', behave);
      receiver.respondWith(behave);
    },
    script: (behaviours) => {
      behaviours.forEach((one, index) => {
        checkBehaviour(`script[${index}]`, one);
      });
      receiver.script(behaviours);
    },
    requests,
    handshakes: issuer?.handshakes ?? [],
    get mints() {
      return requests.filter(({ op }) => op === 'mint').map(({ at }) => at);
    },
    revoke: (sessionId) => {
      checkText('revoke(sessionId)', sessionId);
      sessions.end(sessionId);
    },
    signIn: (sessionId) => {
      checkText('signIn(sessionId)', sessionId);
      sessions.signIn(sessionId);
      return { sessionId, ...(settings.credential === 'rotating' && { credential: sessions.issue(sessionId) }) };
    },
    get reuses() {
      return sessions.reuses;
    },
    now,
    setTtl: (seconds) => {
      ttlSeconds = seconds;
    },
    setOnline: (next) => {
      online = next;
    },
    jwks: signer.jwks,
    verify: (token) => signer.verify(token, new Date(now())),
    receive,
  };
}
