import { tokenSetup } from '../setup';

export const signedOut = tokenSetup.createStateConfig({
  description: 'Nothing: no timer, no request, no token. Reads get `null`.',
  meta: { ids: ['T14', 'T27', 'S7'] },
  on: {
    'session.given': {
      target: 'restoring',
      actions: { type: 'begin', params: ({ event }) => ({ token: event.token }) },
      description: 'Signed in again.',
      meta: { ids: ['T28'] },
    },
  },
});
