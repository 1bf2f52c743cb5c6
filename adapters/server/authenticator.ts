/** Who sent this request? Gathers the facts, lets the machine decide, and does what it asks for. */
import { initialTransition, transition } from 'xstate';
import { checkBoolean, checkKnown, checkObject, fail } from '../../machines/check';
import { decisionOf } from '../../machines/handshake/decision';
import type { HandshakeEvent } from '../../machines/handshake/facts';
import { handshakeMachine } from '../../machines/handshake/machine';
import { conclude, type Learned } from './conclude';
import { gather } from './gather';
import { type Arrival, handshakeReturns } from './handshake-return';
import { readServerOptions } from './options';
import { type Refreshed, refresher } from './refresh';
import type {
  AuthenticateOptions,
  AuthenticationAnswer,
  RequestAuthenticator,
  RequestAuthenticatorOptions,
} from './types';
import { sessionVerifier } from './verify';

/**
 * Makes a function that tells who sent a request (lifecycle §11, H0 to H9). It takes a Fetch `Request`, uses nothing but web
 * standards, and never throws for anything that a request can hold.
 *
 * Four answers: `signed-in`; `signed-out`, with a reason; `handshake`: redirect with 307 to `location`; `unavailable`: answer 503.
 * The answer's `headers` belong on the response in every case.
 *
 * `marker`, `refresh` and `handshake` are options. Without them it serves a plain application with a cookie or a bearer token.
 *
 * @throws ConfigurationError for options that cannot work
 * @example
 * const authenticate = createRequestAuthenticator({
 *   keys: 'https://auth.example.com/.well-known/jwks.json',
 *   issuer: 'https://auth.example.com',
 *   audience: 'https://api.example.com',
 *   appOrigin: 'https://app.example.com',
 *   cookie: { name: '__session' },
 * });
 * const answer = await authenticate(request);
 * if (answer.status === 'signed-in') console.log(answer.userId);
 */
export function createRequestAuthenticator(options: RequestAuthenticatorOptions): RequestAuthenticator {
  const settings = readServerOptions(options);
  const verify = sessionVerifier(settings);
  const arrive = settings.handshake && handshakeReturns(settings, settings.handshake, verify);
  const refresh = settings.refresh && refresher(settings, settings.refresh, verify);

  async function authenticate(request: Request, given: AuthenticateOptions = {}): Promise<AuthenticationAnswer> {
    checkRequest(request);
    checkObject('options', given);
    checkKnown('options', given, ['readOnly']);
    if (given.readOnly !== undefined) checkBoolean('options.readOnly', given.readOnly);
    const gathered = await gather(request, given.readOnly === true, settings, verify);
    const { address, cookies, credential } = gathered;

    let learned: Learned = {};
    let [snapshot] = initialTransition(handshakeMachine, gathered.facts);
    const tell = (event: HandshakeEvent): void => {
      [snapshot] = transition(handshakeMachine, snapshot, event);
    };
    for (;;) {
      const decision = decisionOf(snapshot);
      if (decision.is === 'exchanging') {
        const arrival = arrive ? await arrive(address) : nothingArrived;
        learned = { ...learned, arrival };
        tell({ type: 'exchange.answered', outcome: arrival.outcome });
      } else if (decision.is === 'refreshing') {
        const expired = decision.cookie === null ? null : (cookies[decision.cookie] ?? null);
        const asked = { request, credential: credential ?? '', expired };
        const refreshed = refresh ? await refresh(asked) : nothingRefreshed;
        learned = { ...learned, refreshed };
        tell({ type: 'refresh.answered', outcome: refreshed.outcome });
      } else {
        return conclude(decision, gathered, learned, settings);
      }
    }
  }

  return Object.assign(authenticate, { authenticate });
}

const nothingArrived: Arrival = { outcome: { is: 'invalid' }, cookies: [] };
const nothingRefreshed: Refreshed = {
  outcome: { is: 'trouble' },
  token: null,
  cookies: undefined,
  retryAfterMs: undefined,
};

/** By what it has: another realm's Request, or a framework's, is one too. */
function checkRequest(request: unknown): void {
  const { url, method, headers } = (request ?? {}) as { url?: unknown; method?: unknown; headers?: { get?: unknown } };
  const hasUrl = typeof url === 'string' && URL.canParse(url);
  const fits = hasUrl && typeof method === 'string' && typeof headers?.get === 'function';
  if (!fits) fail('request', 'a Fetch Request with an absolute URL', request);
}
