/** What `httpTokenSource` can be told. */
import { checkFunction, checkKnown, checkObject, checkOneOf, checkText, fail } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import type { MaybePromise, MintRequest, MintResult } from '../../machines/ports';
import { checkUrl } from './url-guard';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export type HttpOperation = 'mint' | 'check' | 'revoke';

/** The JSON that is posted for a mint. Absent facts are left out. */
export type MintFields = {
  readonly sessionId: string;
  readonly template?: string;
  readonly organizationId?: string | null;
  readonly params?: Readonly<Record<string, string>>;
  readonly cause: MintRequest['cause'];
  readonly presence: MintRequest['presence'];
  readonly attempt: number;
  /** The token that an edge mints from while the origin is down. */
  readonly expired_token?: string;
};

type HeaderRecord = Readonly<Record<string, string>>;

export type HttpTokenSourceOptions = {
  /** The endpoint that mints: https, or http to a loopback address. A relative one is resolved against `location`. */
  readonly url: string | URL;
  /** Asked after a 401 whether the session still exists. Without it nobody is asked. */
  readonly sessionUrl?: string | URL;
  /** Told at sign-out. Without it nobody is told. */
  readonly revokeUrl?: string | URL;
  /** Sent along; a function is called before each request and may be asynchronous. */
  readonly headers?:
    | HeaderRecord
    | ((about: { readonly operation: HttpOperation; readonly sessionId: string }) => MaybePromise<HeaderRecord>);
  /** As in `fetch`. Default 'same-origin'; an endpoint of another origin that reads a cookie needs 'include'. */
  readonly credentials?: 'omit' | 'same-origin' | 'include';
  /** Default: the platform's, looked up at each call. It must not be one that asks this lifecycle for a token. */
  readonly fetch?: Fetch;
  /** The JSON value to post instead of `fields`. Keep `expired_token` somewhere in it, or outages cannot be bridged. */
  readonly body?: (fields: MintFields, request: MintRequest) => unknown;
  /** Reads a 2xx body of another shape. Times in epoch ms and ms. */
  readonly parse?: (body: unknown) => MaybePromise<MintResult>;
  /** Codes by which `sessionUrl` says that the session is over. Default: those that name a session or a user as gone. */
  readonly goneCodes?: readonly string[];
  /** The local clock, epoch ms: measures a `Retry-After` date where the server does not tell its own time. */
  readonly now?: () => number;
};

/** Every option, for the check and for nothing else: `satisfies` keeps it complete. */
const known = {
  url: 1,
  sessionUrl: 1,
  revokeUrl: 1,
  headers: 1,
  credentials: 1,
  fetch: 1,
  body: 1,
  parse: 1,
  goneCodes: 1,
  now: 1,
} satisfies Record<keyof HttpTokenSourceOptions, 1>;

function checkHeaders(value: unknown): void {
  if (typeof value === 'function') return;
  checkObject('headers', value);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') fail(`headers.${name}`, 'a string', text);
    try {
      new Headers({ [name]: text });
    } catch {
      throw new ConfigurationError(`headers.${name}`, 'is not a valid header');
    }
  }
}

/** @throws ConfigurationError naming the option that cannot work */
export function checkHttpOptions(options: unknown): asserts options is HttpTokenSourceOptions {
  checkObject('options', options);
  checkKnown('options', options, Object.keys(known));
  checkUrl('url', options.url);
  if (options.sessionUrl !== undefined) checkUrl('sessionUrl', options.sessionUrl);
  if (options.revokeUrl !== undefined) checkUrl('revokeUrl', options.revokeUrl);
  if (options.headers !== undefined) checkHeaders(options.headers);
  if (options.credentials !== undefined) {
    checkOneOf('credentials', options.credentials, ['omit', 'same-origin', 'include'] as const);
  }
  for (const name of ['fetch', 'body', 'parse', 'now'] as const) {
    if (options[name] !== undefined) checkFunction(name, options[name]);
  }
  const { goneCodes } = options;
  if (goneCodes === undefined) return;
  if (!Array.isArray(goneCodes)) fail('goneCodes', 'an array of strings', goneCodes);
  goneCodes.forEach((code: unknown, index) => {
    checkText(`goneCodes[${index}]`, code);
  });
}
