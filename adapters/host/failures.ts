/** Failures as the errors that users catch. */
import { OfflineError, type TokenLifecycleError, TokenRequestError } from '../../machines/errors';
import type { Failure } from '../../machines/failure';
import { isElsewhere } from './credential';

export type FailureDetails = { readonly attempt: number; readonly nextAttemptAt: number | null };

const described: Partial<Record<Failure['class'], string>> = {
  'timed-out': 'The token source did not answer in time',
  'rate-limited': 'The token source asks to be left alone for a while',
  'expired-token-required': 'The token source asks for a last token, and there is none',
  invalid: 'The token source answered with a token that cannot be used',
  rejected: 'The token source refused',
  unauthenticated: 'The token source does not accept the credential',
  ambiguous: 'The answer of the token source was lost, and the credential may be spent',
  aborted: 'The session was switched meanwhile',
};

/** Of a class that says no more. Without the credential nothing was sent, and the source is not to blame. */
const describedBy = (failure: Failure): string =>
  isElsewhere(failure)
    ? 'Another tab has the credential that is good now, or had it last'
    : 'The token source cannot be reached';

/** @param details how far the lifecycle has come with it */
export function errorFor(failure: Failure, details: FailureDetails): TokenLifecycleError {
  if (failure.class === 'offline')
    return new OfflineError(undefined, { retryAt: details.nextAttemptAt, cause: failure.cause });
  const told = [
    described[failure.class] ?? describedBy(failure),
    failure.status === undefined ? '' : ` (status ${failure.status})`,
    failure.serverCode === undefined ? '' : ` [${failure.serverCode}]`,
    failure.reason === undefined ? '' : `: ${failure.reason}`,
    '.',
  ];
  return new TokenRequestError(told.join(''), {
    status: failure.status,
    serverCode: failure.serverCode,
    retryAfterMs: failure.retryAfterMs,
    cause: failure.cause,
    failure: failure.class,
    attempt: details.attempt,
    nextAttemptAt: details.nextAttemptAt,
  });
}
