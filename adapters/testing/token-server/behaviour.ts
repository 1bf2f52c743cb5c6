/** What a token server can be told to do. */
import { checkFunction, checkNumber, checkObject, checkOneOf, fail } from '../../../machines/check';
import type { Malformed } from './malformed';
import { malformedKinds } from './malformed';
import type { RecordedRequest } from './request';

/** How a token differs from the one that was asked for. */
export type MintBehaviour = {
  readonly do: 'mint';
  /** Issued so many seconds ago, as out of a cache; negative: in the future. */
  readonly ageSeconds?: number;
  readonly ttlSeconds?: number;
  /** Header `oiat`, epoch seconds: when the origin vouched for it. */
  readonly oiat?: number;
  /** Claim `sid`: default the session that was asked for. `null`: none. */
  readonly sid?: string | null;
  /** Over those that a token has anyway; `undefined` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

export type ServerBehaviour =
  /** A token, issued now. */
  | MintBehaviour
  /** An error answer. `body`: an object is sent as JSON, a string as it is. */
  | {
      readonly do: 'status';
      readonly status: number;
      /** As `{ errors: [{ code }] }`, unless there is a body. */
      readonly code?: string;
      readonly retryAfterSeconds?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    }
  /** Takes the request, and never says a word. */
  | { readonly do: 'hang' }
  /** Waits, then acts. */
  | { readonly do: 'delay'; readonly ms: number; readonly answer?: ServerBehaviour }
  /** Acts now, and its answer takes long: a token comes aged. */
  | { readonly do: 'late'; readonly ms: number; readonly answer?: ServerBehaviour }
  /** Acts, then the connection breaks: the server has seen it, the client never learns. */
  | { readonly do: 'drop'; readonly answer?: ServerBehaviour }
  /** The connection breaks before the server has seen anything. */
  | { readonly do: 'unreachable' }
  /** The origin is down. An edge in front of it mints from the last token, and asks for it by a 422 where it is missing. */
  | { readonly do: 'outage' }
  /** A 200 with nothing usable in it. */
  | { readonly do: 'malformed'; readonly how: Malformed };

/** Behaviours may depend on the request. */
export type Behave = ServerBehaviour | ((request: RecordedRequest) => ServerBehaviour);

const kinds = ['mint', 'status', 'hang', 'delay', 'late', 'drop', 'unreachable', 'outage', 'malformed'] as const;

/** @throws ConfigurationError */
export function checkBehaviour(option: string, value: unknown): asserts value is ServerBehaviour {
  checkObject(option, value);
  checkOneOf(`${option}.do`, value.do, kinds);
  if (value.do === 'status') checkNumber(`${option}.status`, value.status, { min: 200, max: 599, integer: true });
  if (value.do === 'malformed') checkOneOf(`${option}.how`, value.how, malformedKinds);
  if (value.do === 'delay' || value.do === 'late') checkNumber(`${option}.ms`, value.ms, { min: 0 });
  if (value.answer !== undefined) checkBehaviour(`${option}.answer`, value.answer);
}

/** @throws ConfigurationError */
export function checkBehave(option: string, value: unknown): asserts value is Behave {
  if (typeof value === 'function') checkFunction(option, value);
  else if (typeof value === 'object') checkBehaviour(option, value);
  else fail(option, 'a behaviour, or a function that gives one', value);
}
