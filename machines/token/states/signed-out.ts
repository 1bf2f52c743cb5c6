import { tokenSetup } from '../setup';

export const signedOut = tokenSetup.createStateConfig({
  description: 'Nothing: no timer, no request, no token. Reads get `null`.',
  meta: { ids: ['T14', 'T27', 'S7'] },
  on: {
    'peer.token': {
      description: 'Signed out: whatever another tab still sends is dropped.',
      meta: { ids: ['T23', 'R8.14'] },
    },
    'session.given': {
      target: 'restoring',
      actions: { type: 'begin', params: ({ event }) => ({ token: event.token }) },
      description: 'Signed in again.',
      meta: { ids: ['T28'] },
    },
  },
});
