/** What an address answers, as far as it concerns tokens: signing keys, an issuer's configuration, cookies, a token in JSON. */

import { checkSecurePlace } from '../../../machines/check';
import { ConfigurationError, redactCause } from '../../../machines/errors';
import { harmless, type Terminal } from '../terminal';
import { UsageError } from '../usage-error';
import { type Candidate, looksLikeJwt, readSetCookie } from './find';

export type Endpoint = {
  /** Origin and path. */
  readonly url: string;
  readonly status: number;
  /** The server's clock minus this one, as its `Date` has it, in ms; absent where it does not say. */
  readonly clockAheadMs?: number;
  /** What it is, in lines: a name and what stands there. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly values: readonly Candidate[];
};

/** Nobody could be asked: exit code 1. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

const timeoutMs = 10_000;
const maxBytes = 1_000_000;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const said = (value: unknown): string => (typeof value === 'string' ? harmless(value, 120) : '');
const list = (value: unknown): string => (Array.isArray(value) ? value.map(said).filter(Boolean).join(', ') : '');

function keysOf(keys: readonly unknown[]): Endpoint['facts'] {
  return keys.filter(isRecord).map((key, index) => {
    const parts = [
      said(key.kty),
      said(key.crv),
      said(key.alg),
      said(key.use),
      key.kid === undefined ? 'no kid' : `kid ${said(key.kid)}`,
    ];
    const secret = 'd' in key || 'k' in key ? ' — PRIVATE: this key must not be public' : '';
    return [`key ${index + 1}`, `${parts.filter(Boolean).join(', ')}${secret}`] as const;
  });
}

const configurationNames = [
  'issuer',
  'token_endpoint',
  'jwks_uri',
  'revocation_endpoint',
  'end_session_endpoint',
  'id_token_signing_alg_values_supported',
  'grant_types_supported',
  'dpop_signing_alg_values_supported',
] as const;

function factsOf(body: unknown): Endpoint['facts'] {
  if (!isRecord(body)) return [];
  if (Array.isArray(body.keys)) return [['what', `a JWKS with ${body.keys.length} keys`], ...keysOf(body.keys)];
  if (typeof body.issuer !== 'string') return [];
  const lines = configurationNames.map((name) => [name, said(body[name]) || list(body[name])] as const);
  return [['what', 'the configuration of an issuer'], ...lines.filter(([, text]) => text !== '')];
}

/** Tokens that stand openly in a JSON answer. */
const tokensIn = (body: unknown): Candidate[] =>
  isRecord(body)
    ? Object.entries(body).flatMap(([name, value]) =>
        typeof value === 'string' && looksLikeJwt(value) ? [{ where: `field ${name}`, value }] : [],
      )
    : [];

async function readBody(response: Response): Promise<unknown> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    length += part.value.byteLength;
    if (length > maxBytes) {
      await reader?.cancel();
      throw new EndpointError(`The answer is larger than ${maxBytes} bytes.`);
    }
    parts.push(part.value);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return null;
  }
}

const place = (url: URL): string => harmless(`${url.origin}${url.pathname}`, 200);

/** Where a redirect leads, without what it carries. */
function redirectOf(response: Response, from: URL): Endpoint['facts'] {
  const location = response.headers.get('location');
  return location !== null && URL.canParse(location, from) ? [['redirects to', place(new URL(location, from))]] : [];
}

/**
 * Asks an address: one GET, without cookies or credentials, that follows no redirect.
 *
 * @param url https, or http to this machine
 * @throws UsageError for another place; EndpointError where no answer comes within 10 s
 */
export async function askEndpoint(url: URL, { fetch, now }: Pick<Terminal, 'fetch' | 'now'>): Promise<Endpoint> {
  try {
    checkSecurePlace('The address', url);
  } catch (error) {
    if (ConfigurationError.is(error)) throw new UsageError('An address is asked by https, or by http on this machine.');
    throw error;
  }
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      redirect: 'manual',
      credentials: 'omit',
      headers: { accept: 'application/json, */*;q=0.5' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    body = await readBody(response);
  } catch (error) {
    if (error instanceof EndpointError) throw error;
    const { name, code } = redactCause(error) ?? { name: 'Error' };
    throw new EndpointError(`No answer from ${place(url)}: ${code ?? name}.`);
  }
  const date = Date.parse(response.headers.get('date') ?? '');
  const maxAge = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1];
  return {
    url: place(url),
    status: response.status,
    ...(Number.isNaN(date) ? {} : { clockAheadMs: date - now() }),
    facts: [
      ...redirectOf(response, url),
      ...factsOf(body),
      ...(maxAge === undefined ? [] : [['may be kept for', `${maxAge} s`] as const]),
    ],
    values: [...response.headers.getSetCookie().flatMap(readSetCookie), ...tokensIn(body)],
  };
}
