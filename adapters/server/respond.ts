import type { AuthenticationAnswer } from './types';

/**
 * The response that ends a request here: a redirect for `handshake`, 503 for `unavailable`. `undefined` for the other two: there
 * the application answers, and puts `answer.headers` on its response.
 *
 * @example
 * const answer = await authenticate(request);
 * const ended = responseFor(answer);
 * if (ended) return ended;
 */
export function responseFor({ status, headers }: AuthenticationAnswer): Response | undefined {
  if (status === 'handshake') return new Response(null, { status: 307, headers });
  return status === 'unavailable' ? new Response(null, { status: 503, headers }) : undefined;
}
