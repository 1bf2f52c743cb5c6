/** What a server answers to a request, as a chart over verified facts. */
import { initialContext } from './context';
import { handshakeSetup } from './setup';
import { answers } from './states/answers';
import { arriving, bearer, cookies, exchanging } from './states/credentials';
import { redirecting, refreshing, session } from './states/session';

/**
 * The decisions H0 to H9 (lifecycle §11): from facts straight to an answer, in one macrostep, with two exceptions that wait
 * to be told something: `exchanging` and `refreshing`. It does no I/O and sets no timer, so that `initialTransition` and
 * `transition` of XState are all that is needed to run it; `decisionOf` reads the result.
 *
 * @example
 * const [snapshot] = initialTransition(handshakeMachine, facts);
 * decisionOf(snapshot); // { is: 'signed-out', reason: 'session-token-and-uat-missing' }
 */
export const handshakeMachine = handshakeSetup.createMachine({
  id: 'handshake',
  description: 'Decides about one request on a server. The first row that fits wins.',
  context: ({ input }) => initialContext(input),
  initial: 'arriving',
  states: { arriving, bearer, exchanging, cookies, session, refreshing, redirecting, ...answers },
});
