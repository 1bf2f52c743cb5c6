/** What a refresh asks for besides the token itself: scope, resource, audience, … */
import { checkObject, checkText } from '../../machines/check';
import { ConfigurationError, TokenRequestError } from '../../machines/errors';
import type { TokenKey } from '../../machines/ports';

export type Parameters = Readonly<Record<string, string>>;

/** Set by the protocol; a key that could replace them could spend another's credential. */
const reserved = new Set([
  'grant_type',
  'refresh_token',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]);

/** @throws ConfigurationError */
export function checkParameters(option: string, value: unknown): asserts value is Parameters {
  checkObject(option, value);
  for (const [name, text] of Object.entries(value)) {
    if (reserved.has(name)) throw new ConfigurationError(`${option}.${name}`, 'is set by the source itself');
    checkText(`${option}.${name}`, text);
  }
}

/** @throws TokenRequestError as of a server that refuses them: nothing was sent, and no session ends by a typing error */
export function parametersFor(
  key: TokenKey,
  given: Parameters | ((key: TokenKey) => Parameters) | undefined,
): Parameters {
  try {
    const all = typeof given === 'function' ? given(key) : { ...given, ...key.params };
    checkParameters(typeof given === 'function' ? 'parameters' : 'params', all);
    return all;
  } catch (thrown) {
    const message = ConfigurationError.is(thrown) ? thrown.message : 'The parameters could not be made.';
    throw new TokenRequestError(message, { status: 400, serverCode: 'invalid_parameters', cause: thrown });
  }
}
