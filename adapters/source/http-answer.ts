/** A 2xx answer as a `MintResult`. Units are taken at their word and checked, never guessed. */
import { InvalidTokenError, TokenLifecycleError } from '../../machines/errors';
import type { MintResult } from '../../machines/ports';
import { fieldsOf } from './http-body';
import type { HttpAnswer } from './http-exchange';
import { isPlausibleInstant, parseSeconds, serverDateOf } from './retry-after';

const tenYearsMs = 10 * 366 * 24 * 60 * 60 * 1_000;

const reasons = { empty: 'empty', 'too-large': 'too_large', 'not-json': 'malformed' } as const;

type Fields = Readonly<Record<string, unknown>>;

/** A field in seconds as ms; `undefined` where it is absent. What is there but no number becomes NaN, and is refused below. */
const milliseconds = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : (parseSeconds(value) ?? Number.NaN) * 1_000;

const tokenTypeOf = (value: unknown): 'Bearer' | 'DPoP' | undefined => {
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  return name === 'bearer' ? 'Bearer' : name === 'dpop' ? 'DPoP' : undefined;
};

/** The same fields as the result, before anything is known of their values. */
type Unchecked = { readonly [Field in keyof MintResult]?: unknown };

/** The fields as this source documents them. */
function fromFields(body: Fields): Unchecked {
  return {
    token: body.token ?? body.jwt ?? body.access_token,
    tokenType: tokenTypeOf(body.token_type),
    issuedAt: milliseconds(body.issued_at),
    expiresAt: milliseconds(body.expires_at),
    expiresInMs: milliseconds(body.expires_in),
    sessionId: body.session_id ?? body.sessionId,
    organizationId: body.organization_id === undefined ? body.organizationId : body.organization_id,
  };
}

function checkedToken(value: unknown): string {
  if (value === undefined || value === null || value === '') throw new InvalidTokenError('empty');
  if (typeof value !== 'string') throw new InvalidTokenError('not_a_string');
  if (value.trim() === '') throw new InvalidTokenError('empty');
  // It has to fit into a header, where a line break would be an injection.
  if (!/^[\x21-\x7e]+$/.test(value)) throw new InvalidTokenError('malformed');
  return value;
}

function checkedTime(name: string, value: unknown, fits: (ms: number) => boolean): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && fits(value)) return value;
  throw new InvalidTokenError('no_lifetime', `The answer's ${name} is not plausible; check its unit.`);
}

/**
 * The minted token and what the answer says of it.
 *
 * @param answer a 2xx answer
 * @param parse the user's own reading of the body, where its shape is another one; times in ms
 * @throws InvalidTokenError where there is no usable token: `empty`, `malformed`, `not_a_string`, `too_large`, `no_lifetime`
 */
export async function toMintResult(
  answer: HttpAnswer,
  parse?: (body: unknown) => MintResult | Promise<MintResult>,
): Promise<MintResult> {
  const { body } = answer;
  if (body.kind !== 'json') throw new InvalidTokenError(reasons[body.kind]);
  const isObject = typeof body.value === 'object' && body.value !== null && !Array.isArray(body.value);
  if (!parse && !isObject) throw new InvalidTokenError('malformed');
  const found = parse ? await parsed(parse, body.value) : fromFields(fieldsOf(body));

  const serverDate =
    checkedTime('serverDate', found.serverDate, isPlausibleInstant) ?? serverDateOf(answer.headers, fieldsOf(body));
  const issuedAt = checkedTime('issue time', found.issuedAt, isPlausibleInstant);
  const expiresAt = checkedTime('expiry', found.expiresAt, isPlausibleInstant);
  const expiresInMs = checkedTime('lifetime', found.expiresInMs, (ms) => ms > 0 && ms <= tenYearsMs);
  const { sessionId, organizationId, tokenType } = found;
  return {
    token: checkedToken(found.token),
    ...((tokenType === 'Bearer' || tokenType === 'DPoP') && { tokenType }),
    ...(serverDate !== undefined && { serverDate }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(expiresInMs !== undefined && { expiresInMs }),
    ...(typeof sessionId === 'string' && { sessionId }),
    ...((typeof organizationId === 'string' || organizationId === null) && { organizationId }),
  };
}

/** A parser that stumbles over the body has been given a bad one; its message may quote the token. */
async function parsed(parse: (body: unknown) => MintResult | Promise<MintResult>, body: unknown): Promise<Unchecked> {
  let result: unknown;
  try {
    result = await parse(body);
  } catch (thrown) {
    if (TokenLifecycleError.is(thrown)) throw thrown;
    throw new InvalidTokenError('malformed');
  }
  if (typeof result !== 'object' || result === null) throw new InvalidTokenError('malformed');
  return result;
}
