/** A refusal as a typed error: its status, its code and its wait, and none of its prose. */
import { TokenRequestError } from '../../machines/errors';
import { fieldsOf } from './http-body';
import type { HttpAnswer } from './http-exchange';
import { retryAfterOf } from './retry-after';

/** Letters, digits and separators. Server prose may quote what we sent, so anything longer or richer is dropped. */
const codeLike = /^[a-z][a-z0-9_.:-]{0,63}$/i;

/** The first code of `{ errors: [{ code }] }`, or the `error` of RFC 6749 §5.2. */
export function serverCodeOf(answer: HttpAnswer): string | undefined {
  const { errors, error } = fieldsOf(answer.body);
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const listed = typeof first === 'object' && first !== null ? (first as { code?: unknown }).code : undefined;
  return [listed, error].find(
    // A JWT is the one secret that could be short and plain enough to pass.
    (code): code is string => typeof code === 'string' && codeLike.test(code) && !code.startsWith('eyJ'),
  );
}

/**
 * @param answer any answer that is not a 2xx
 * @param now the local clock, epoch ms
 */
export function toRequestError(answer: HttpAnswer, now: () => number): TokenRequestError {
  return new TokenRequestError(`The token endpoint answered ${answer.status}.`, {
    status: answer.status,
    serverCode: serverCodeOf(answer),
    retryAfterMs: retryAfterOf(answer.headers, fieldsOf(answer.body), now),
  });
}
