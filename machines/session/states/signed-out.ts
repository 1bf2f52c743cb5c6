import { sessionSetup } from '../setup';

/** Nobody. */
export const signedOut = sessionSetup.createStateConfig({
  description: 'Nobody is signed in: no timer, no request, no token. Reads get `null`.',
  meta: { ids: ['T4', 'T27', 'R8.7'] },
  tags: ['signed-out'],
  on: {
    'session.given': {
      target: 'signed-in',
      actions: [
        { type: 'giveSession', params: ({ event }) => event },
        { type: 'tellSignedIn', params: { restored: false } },
      ],
      description: "Signed in: a new epoch, above the tombstone's.",
      meta: { ids: ['T28', 'R8.15'] },
    },
  },
});
