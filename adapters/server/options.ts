/** Options in, settings out: everything checked and every default chosen before the first request. */
import type { JWTVerifyGetKey } from 'jose';
import {
  checkFunction,
  checkKnown,
  checkMethods,
  checkNumber,
  checkObject,
  checkOneOf,
  checkSecurePlace,
  checkText,
  fail,
} from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import type { Clock, Logger } from '../../machines/ports';
import { checkAttributes } from '../cookie/attributes';
import { readKeys } from './keys';
import type { AuthenticatorCookie, HandshakeOptions, RefreshOptions, RequestAuthenticatorOptions } from './types';
import type { SessionVerifySettings } from './verify';

export type HandshakeSettings = Omit<HandshakeOptions, 'url' | 'presentTokenOnHandshake' | 'cookies'> & {
  readonly url: URL;
  readonly present: 'never' | 'encrypted' | 'plain';
  readonly cookies: readonly string[];
};

export type RefreshSettings = RefreshOptions & { readonly methods: readonly string[] };

export type ServerSettings = SessionVerifySettings & {
  readonly keys: JWTVerifyGetKey;
  readonly origins: readonly [string, ...string[]];
  readonly cookie: AuthenticatorCookie;
  readonly marker: string | undefined;
  readonly refresh: RefreshSettings | undefined;
  readonly handshake: HandshakeSettings | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
};

const optionNames = [
  'keys',
  'issuer',
  'audience',
  'authorizedParties',
  'algorithms',
  'tokenTypes',
  'categories',
  'clockSkewMs',
  'maxLifetimeMs',
  'appOrigin',
  'allowedOrigins',
  'cookie',
  'marker',
  'refresh',
  'handshake',
  'clock',
  'fetch',
  'logger',
] as const satisfies readonly (keyof RequestAuthenticatorOptions)[];

/** Only the holder of a private key can sign with these. */
const asymmetric = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const symmetric = ['HS256', 'HS384', 'HS512'];

function textList(option: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) fail(option, 'a non-empty string or a non-empty array of them', value);
  return list.map((one, index) => {
    checkText(Array.isArray(value) ? `${option}[${index}]` : option, one);
    return one;
  });
}

const optionalList = (option: string, value: unknown): readonly string[] | undefined =>
  value === undefined ? undefined : textList(option, value);

function readAlgorithms(value: unknown, keys: unknown): readonly string[] {
  const algorithms = value === undefined ? asymmetric : textList('algorithms', value);
  algorithms.forEach((one, index) => {
    checkOneOf(`algorithms[${index}]`, one, [...asymmetric, ...symmetric]);
  });
  const shared = algorithms.filter((one) => symmetric.includes(one));
  // A public key must never be taken for a shared secret.
  if (shared.length > 0 && (typeof keys !== 'function' || shared.length < algorithms.length)) {
    throw new ConfigurationError('algorithms', 'must not mix HS with others, and HS needs a function for keys');
  }
  return algorithms;
}

function readOrigin(option: string, value: unknown): string {
  checkText(option, value);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // A wildcard would be taken for a host of that name.
  const isOrigin = url !== undefined && !value.includes('*') && (value === url.origin || value === `${url.origin}/`);
  if (!isOrigin) fail(option, "an origin such as 'https://app.example.com'", value);
  checkSecurePlace(option, url);
  return url.origin;
}

function readOrigins(appOrigin: unknown, allowed: unknown): readonly [string, ...string[]] {
  const own = appOrigin === undefined ? [] : [readOrigin('appOrigin', appOrigin)];
  if (allowed !== undefined && !Array.isArray(allowed)) fail('allowedOrigins', 'an array of origins', allowed);
  const others = (allowed ?? []).map((one: unknown, index: number) => readOrigin(`allowedOrigins[${index}]`, one));
  const [first, ...rest] = new Set<string>([...own, ...others]);
  if (first === undefined) {
    throw new ConfigurationError('appOrigin', 'or allowedOrigins must be given: what a request claims is not believed');
  }
  return [first, ...rest];
}

function checkCookie(cookie: unknown): asserts cookie is AuthenticatorCookie {
  checkObject('cookie', cookie);
  checkKnown('cookie', cookie, ['name', 'domain', 'path', 'sameSite', 'httpOnly', 'partitioned', 'outageWindowMs']);
  checkText('cookie.name', cookie.name);
  checkAttributes('cookie', { ...cookie, secure: true });
  if (cookie.httpOnly !== undefined && typeof cookie.httpOnly !== 'boolean') {
    fail('cookie.httpOnly', 'a boolean', cookie.httpOnly);
  }
  if (cookie.outageWindowMs !== undefined) checkNumber('cookie.outageWindowMs', cookie.outageWindowMs, { min: 0 });
}

function checkCookieName(option: string, name: unknown): asserts name is string {
  checkText(option, name);
  checkAttributes(option, { name, secure: true });
}

function readMarkerName(marker: unknown): string | undefined {
  if (marker === undefined) return undefined;
  checkObject('marker', marker);
  checkKnown('marker', marker, ['cookie']);
  checkCookieName('marker.cookie', marker.cookie);
  return marker.cookie;
}

function readRefresh(refresh: RefreshOptions | undefined): RefreshSettings | undefined {
  if (refresh === undefined) return undefined;
  checkObject('refresh', refresh);
  checkKnown('refresh', refresh, ['credential', 'run', 'methods', 'singleFlight']);
  const { credential, run, methods = ['GET', 'HEAD'], singleFlight } = refresh;
  if (typeof credential !== 'function') checkCookieName('refresh.credential', credential);
  checkFunction('refresh.run', run);
  if (singleFlight !== undefined) checkFunction('refresh.singleFlight', singleFlight);
  return { ...refresh, methods: textList('refresh.methods', methods).map((method) => method.toUpperCase()) };
}

function readHandshakeUrl(value: unknown): URL {
  const text = String(value);
  if (!(value instanceof URL)) checkText('handshake.url', value);
  if (!URL.canParse(text)) fail('handshake.url', 'an absolute URL', value);
  const url = new URL(text);
  checkSecurePlace('handshake.url', url);
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError('handshake.url', 'must not carry a user name or password');
  }
  return url;
}

function checkEncryptionKey(key: unknown): void {
  if (key === undefined) {
    throw new ConfigurationError('handshake.encryptionKey', "must be given for presentTokenOnHandshake: 'encrypted'");
  }
  checkObject('handshake.encryptionKey', key);
  const isPublic = !('d' in key) && !('k' in key) && (typeof key.kty === 'string' || key.type === 'public');
  if (!isPublic) throw new ConfigurationError('handshake.encryptionKey', 'must be a public JWK or CryptoKey');
}

function readHandshake(handshake: HandshakeOptions | undefined): HandshakeSettings | undefined {
  if (handshake === undefined) return undefined;
  checkObject('handshake', handshake);
  checkKnown('handshake', handshake, ['url', 'presentTokenOnHandshake', 'encryptionKey', 'exchange', 'cookies']);
  const { url, presentTokenOnHandshake = 'never', encryptionKey, exchange, cookies = [] } = handshake;
  checkOneOf('handshake.presentTokenOnHandshake', presentTokenOnHandshake, ['never', 'encrypted', 'plain']);
  if (presentTokenOnHandshake === 'encrypted') checkEncryptionKey(encryptionKey);
  if (exchange !== undefined) checkFunction('handshake.exchange', exchange);
  if (!Array.isArray(cookies)) fail('handshake.cookies', 'an array of cookie names', cookies);
  cookies.forEach((name, index) => {
    checkCookieName(`handshake.cookies[${index}]`, name);
  });
  return {
    url: readHandshakeUrl(url),
    present: presentTokenOnHandshake,
    cookies: [...cookies],
    ...(encryptionKey && { encryptionKey }),
    ...(exchange && { exchange }),
  };
}

/** A logger that throws costs nobody an answer. */
function quiet(logger: Logger): Logger {
  const tell =
    (level: 'debug' | 'warn' | 'error'): NonNullable<Logger['warn']> =>
    (message, details) => {
      try {
        logger[level]?.(message, details);
      } catch {
        // There is nobody left to tell.
      }
    };
  return { debug: tell('debug'), warn: tell('warn'), error: tell('error') };
}

/** @throws ConfigurationError for the first option that cannot work */
export function readServerOptions(options: RequestAuthenticatorOptions): ServerSettings {
  checkObject('options', options);
  checkKnown('options', options, optionNames);
  const { clockSkewMs = 5_000, maxLifetimeMs, clock, fetch, logger } = options;
  checkNumber('clockSkewMs', clockSkewMs, { min: 0, max: 300_000 });
  if (maxLifetimeMs !== undefined) checkNumber('maxLifetimeMs', maxLifetimeMs, { min: 1 });
  if (clock !== undefined) checkMethods('clock', clock, ['now']);
  if (fetch !== undefined) checkFunction('fetch', fetch);
  if (logger !== undefined) checkObject('logger', logger);
  checkCookie(options.cookie);
  return {
    keys: readKeys(options),
    issuer: textList('issuer', options.issuer),
    audience: optionalList('audience', options.audience),
    authorizedParties: optionalList('authorizedParties', options.authorizedParties),
    algorithms: readAlgorithms(options.algorithms, options.keys),
    tokenTypes: optionalList('tokenTypes', options.tokenTypes),
    categories: optionalList('categories', options.categories),
    skewMs: clockSkewMs,
    maxLifetimeMs: maxLifetimeMs ?? Number.POSITIVE_INFINITY,
    origins: readOrigins(options.appOrigin, options.allowedOrigins),
    cookie: options.cookie,
    marker: readMarkerName(options.marker),
    refresh: readRefresh(options.refresh),
    handshake: readHandshake(options.handshake),
    clock: clock ?? { now: () => Date.now() },
    logger: quiet(logger ?? {}),
  };
}
