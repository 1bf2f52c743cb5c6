/** An issuer with keys, an application in front of it, and a browser that keeps cookies. */
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from 'jose';
import { createRequestAuthenticator } from '../../../adapters/server/authenticator';
import type { AuthenticationAnswer, RequestAuthenticatorOptions } from '../../../adapters/server/types';

export const issuer = 'https://auth.example.com';
export const origin = 'https://app.example.com';
export const audience = 'https://api.example.com';
export const start = Date.UTC(2026, 0, 1);

export type Signer = { readonly alg: string; readonly kid: string; readonly key: CryptoKey };
export type Keys = { readonly signer: Signer; readonly publicKey: CryptoKey; readonly jwks: JSONWebKeySet };

/** What a token says besides the defaults; `undefined` leaves a claim out. */
export type TokenOptions = {
  readonly claims?: JWTPayload;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly signer?: Signer;
  /** Seconds relative to `start`. Default 0 and 60. */
  readonly iat?: number;
  readonly exp?: number;
};

export async function makeKeys(alg = 'ES256', kid = 'key-1'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' };
  return { signer: { alg, kid, key: privateKey }, publicKey, jwks: { keys: [jwk] } };
}

export function tokensOf(keys: Keys) {
  const seconds = (offset: number): number => start / 1_000 + offset;
  const sign = async (claims: JWTPayload, header: Readonly<Record<string, unknown>>, signer: Signer) =>
    new SignJWT(claims).setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header }).sign(signer.key);

  return {
    /** A session token, by default a good one of 60 s. */
    session: ({ claims = {}, header = {}, signer = keys.signer, iat = 0, exp = 60 }: TokenOptions = {}) => {
      const all = { iss: issuer, aud: audience, sub: 'user_1', sid: 'sess_1', iat: seconds(iat), exp: seconds(exp) };
      return sign({ ...all, ...claims }, { typ: 'JWT', ...header }, signer);
    },
    /** What the issuer puts into the address on the way back. */
    handshake: (
      state: string,
      cookies: Readonly<Record<string, unknown>>,
      { claims = {}, header = {}, signer = keys.signer, iat = 0, exp = iat + 60 }: TokenOptions = {},
    ) => {
      const all = { iss: issuer, aud: origin, iat: seconds(iat), exp: seconds(exp), jti: crypto.randomUUID() };
      return sign({ ...all, state, cookies, ...claims }, { typ: 'handshake+jwt', ...header }, signer);
    },
  };
}

export type Stage = Awaited<ReturnType<typeof makeStage>>;

/** @param keys made once per file: they are what costs */
export async function makeStage(keys: Keys, options: Partial<RequestAuthenticatorOptions> = {}) {
  const clock = { at: start + 1_000, now: () => clock.at };
  const heard: unknown[] = [];
  const log = (...said: unknown[]): void => void heard.push(said);
  const authenticate = createRequestAuthenticator({
    keys: keys.jwks,
    issuer,
    audience,
    appOrigin: origin,
    cookie: { name: '__session' },
    clock,
    logger: { debug: log, warn: log, error: log },
    ...options,
  } as RequestAuthenticatorOptions);
  return {
    authenticate,
    clock,
    /** Everything that was logged. */
    heard,
    ...tokensOf(keys),
    /** Seconds since the tokens' beginning. */
    at: (seconds: number) => {
      clock.at = start + seconds * 1_000;
    },
  };
}

export const marker = { cookie: '__client_uat' } as const;
export const handshake = { url: `${issuer}/handshake` } as const;

export type Asked = {
  readonly path?: string;
  readonly method?: string;
  readonly cookies?: Readonly<Record<string, string>> | string;
  readonly headers?: Readonly<Record<string, string>>;
};

const cookieText = (cookies: NonNullable<Asked['cookies']>): string =>
  typeof cookies === 'string'
    ? cookies
    : Object.entries(cookies)
        .map(([name, value]) => `${name}=${value}`)
        .join('; ');

/** A request as a browser's fetch from the own page makes it. */
export function ask({ path = '/', method = 'GET', cookies, headers = {} }: Asked = {}): Request {
  const sent = { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty', ...headers };
  return new Request(`${origin}${path}`, {
    method,
    headers: { ...sent, ...(cookies !== undefined && { cookie: cookieText(cookies) }) },
  });
}

/** Somebody opens a page. */
export const open = (asked: Asked = {}): Request =>
  ask({
    ...asked,
    headers: { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document', accept: 'text/html', ...asked.headers },
  });

export const seconds = (offset: number): number => start / 1_000 + offset;

/** Status and reason in one line. */
export const said = (answer: AuthenticationAnswer): string =>
  'reason' in answer ? `${answer.status} ${answer.reason}` : `${answer.status} ${answer.via}`;

/** Cookies as a browser keeps them: by name; an expired one is gone. Only what tests need. */
export class Jar {
  readonly #cookies = new Map<string, { value: string; until: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  set(name: string, value: string): this {
    this.#cookies.set(name, { value, until: Number.POSITIVE_INFINITY });
    return this;
  }

  take(headers: Headers): this {
    for (const text of headers.getSetCookie()) {
      const [pair = '', ...attributes] = text.split('; ');
      const at = pair.indexOf('=');
      const maxAge = attributes.find((one) => one.startsWith('Max-Age='))?.slice(8);
      const until = maxAge === undefined ? Number.POSITIVE_INFINITY : this.#now() + Number(maxAge) * 1_000;
      this.#cookies.set(pair.slice(0, at), { value: pair.slice(at + 1), until });
    }
    return this;
  }

  get cookies(): Record<string, string> {
    const live = [...this.#cookies].filter(([, { until }]) => until > this.#now());
    return Object.fromEntries(live.map(([name, { value }]) => [name, value]));
  }
}

/** What the redirect to the issuer says. */
export function departure(answer: AuthenticationAnswer): URL {
  if (answer.status !== 'handshake') throw new Error(`no redirect: ${said(answer)}`);
  return new URL(answer.location);
}
