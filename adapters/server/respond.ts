/** What to do with an answer on the web platform's own types. */
import type { AuthenticationAnswer, Handshake, Unavailable } from './types';

/**
 * The response that ends a request here: a redirect for `handshake`, 503 for `unavailable`. `undefined` for the other two: there
 * the application answers, and `applyAnswer` puts the headers on its response.
 *
 * @example
 * const answer = await authenticate(request);
 * if (answer.status === 'handshake' || answer.status === 'unavailable') return responseFor(answer);
 */
export function responseFor(answer: Handshake | Unavailable): Response;
export function responseFor(answer: AuthenticationAnswer): Response | undefined;
export function responseFor({ status, headers }: AuthenticationAnswer): Response | undefined {
  if (status === 'handshake') return new Response(null, { status: 307, headers });
  return status === 'unavailable' ? new Response(null, { status: 503, headers }) : undefined;
}

/**
 * Puts an answer's headers on a response, beside what is there: cookies and `Vary` are added, `Cache-Control: no-store`
 * outweighs whatever the application has said.
 *
 * @param headers of a response that has not been sent
 * @example
 * const response = await render(request);
 * applyAnswer(answer, response.headers);
 */
export function applyAnswer(answer: AuthenticationAnswer, headers: Headers): void {
  for (const [name, value] of answer.headers) {
    if (name === 'set-cookie' || name === 'vary') headers.append(name, value);
    else headers.set(name, value);
  }
}
