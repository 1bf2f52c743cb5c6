/** Who is signed in, as a chart; owns one token machine per key. */
import type { TokenContext, TokenInput } from '../token/context';
import { initialContext } from './context';
import { sessionSetup } from './setup';
import { restoring } from './states/restoring';
import { signedIn } from './states/signed-in';
import { signedOut } from './states/signed-out';

// Named here so that the declaration of this machine can name them; TypeScript would look for them in the built package.
export type { TokenContext, TokenInput };

/**
 * Sign-in, switch and sign-out. Usable on its own: provide `restore` and `checkSession`, and a `token` machine with its
 * own actors; pass on what the token machines emit (`createTokenLifecycle` does all that).
 *
 * @example
 * const actor = createActor(sessionMachine.provide({ actors: { restore, token } }), { input: { seen } });
 */
export const sessionMachine = sessionSetup.createMachine({
  id: 'session',
  description: 'Who is signed in. Owns the token machines of the session.',
  context: ({ input }) => initialContext(input),
  initial: 'restoring',
  on: {
    'clock.tick': {
      actions: { type: 'look', params: ({ event }) => ({ seen: event.seen }) },
      description: 'A look at clocks, network and presence, for all keys.',
      meta: { ids: ['T26', 'R9.15'] },
    },
    'clock.learned': {
      actions: { type: 'learnClock', params: ({ event }) => event },
      description: 'One key learned what time it is at the server; the others are told.',
      meta: { ids: ['R9.1', 'R9.13'] },
    },
    'record.read': {
      actions: { type: 'remember', params: ({ event }) => event },
      description: 'What this browser knew before: epoch, clock offset, `Retry-After`.',
      meta: { ids: ['R9.11', 'R8.15'] },
    },
  },
  states: { restoring, 'signed-in': signedIn, 'signed-out': signedOut },
});
