/** An authorization server that says what it is told to, to one tab in virtual time. */
import { memoryCache } from '../../../adapters/cache/memory';
import { createTokenLifecycle } from '../../../adapters/host/create';
import { createNames } from '../../../adapters/host/names';
import type { LifecycleEvents } from '../../../adapters/host/types';
import { type OAuthTokenSourceOptions, oauthTokenSource } from '../../../adapters/oauth/index';
import type { Fetch } from '../../../adapters/source/http-options';
import { createVirtualClock } from '../../../adapters/testing/virtual-clock';

export const issuer = 'https://auth.example.com';
export const metadata = {
  issuer,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/revoke`,
  introspection_endpoint: `${issuer}/introspect`,
};

export type Asked = {
  readonly url: string;
  readonly init: RequestInit;
  readonly form: Readonly<Record<string, string>>;
};
export type Answer = (asked: Asked) => Response | Promise<Response>;

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });
/** A grant of 60 s. */
export const granted = (n: number, more: Record<string, unknown> = {}): Response =>
  json(200, {
    access_token: `at-secret-${n}`,
    token_type: 'Bearer',
    expires_in: 60,
    refresh_token: `rt-secret-${n}`,
    ...more,
  });
export const refused = (status: number, error: string, headers: Record<string, string> = {}): Response =>
  json(status, { error, error_description: 'about rt-secret-0' }, headers);
export const html = (status: number, headers: Record<string, string> = {}): Response =>
  new Response('<h1>rt-secret-0</h1>', { status, headers: { 'content-type': 'text/html', ...headers } });

export const credentialName = createNames('app').credential('sess_1');

export function createStub(options: Partial<OAuthTokenSourceOptions> = {}) {
  const clock = createVirtualClock();
  const asked: Asked[] = [];
  const instants: number[] = [];
  const script: Answer[] = [];
  let answer: Answer = () => granted(asked.length);
  const fetch: Fetch = async (url, init) => {
    const form = Object.fromEntries(new URLSearchParams(String(init.body ?? '')));
    const one: Asked = { url, init, form };
    asked.push(one);
    instants.push(clock.monotonicNow() - begun);
    return (script.shift() ?? answer)(one);
  };
  const begun = clock.monotonicNow();
  const source = oauthTokenSource({
    server: metadata,
    client: { client_id: 'app' },
    refreshToken: 'rt-secret-0',
    fetch,
    now: () => clock.now(),
    ...options,
  });
  const cache = memoryCache();
  /** Everything that a user could get to see. */
  const said: unknown[] = [];
  const log = (...words: unknown[]): void => void said.push(words);
  const tokens = createTokenLifecycle({
    session: { id: 'sess_1' },
    namespace: 'app',
    source,
    cache,
    clock,
    policy: { jitter: 0 },
    logger: { debug: log, warn: log, error: log },
  });
  const failed: LifecycleEvents['refresh.failed'][] = [];
  const signedOut: LifecycleEvents['session.signedOut'][] = [];
  tokens.on('refresh.failed', (event) => failed.push(event));
  tokens.on('session.signedOut', (event) => signedOut.push(event));
  return {
    clock,
    cache,
    source,
    tokens,
    asked,
    /** When requests came, in ms since the beginning. */
    instants,
    /** The refresh tokens that were sent. */
    get spent(): (string | undefined)[] {
      return asked.filter(({ url }) => url.endsWith('/token')).map(({ form }) => form.refresh_token);
    },
    failed,
    signedOut,
    said,
    script: (answers: readonly Answer[]) => void script.push(...answers),
    answer: (given: Answer) => {
      answer = given;
    },
    /** Starts with a token: the login's is spent. */
    startFresh: async () => {
      tokens.start();
      await clock.advance(100);
    },
    /** How a read ends. */
    read: async (ms = 100): Promise<unknown> => {
      let end: unknown = 'pending';
      tokens.getToken().then(
        (token) => {
          end = token;
        },
        (error) => {
          end = error;
        },
      );
      await clock.advance(ms);
      return end;
    },
    /** What a mint outside of any lifecycle comes to. */
    mint: (more: Partial<Parameters<typeof source.mint>[0]> = {}) =>
      source.mint({
        key: { sessionId: 'sess_1' },
        signal: new AbortController().signal,
        attempt: 1,
        deadline: clock.now() + 10_000,
        cause: 'read',
        presence: 'headless',
        lease: null,
        ...more,
      }),
  };
}
