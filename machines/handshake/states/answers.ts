import { handshakeSetup } from '../setup';

/** The answers. None is a final state: a machine that is done cannot be asked. */
export const answers = {
  'signed-in': handshakeSetup.createStateConfig({
    description: 'A token vouches for the user.',
    meta: { ids: ['H1', 'H6', 'H7'] },
    tags: ['decided'],
  }),
  'signed-out': handshakeSetup.createStateConfig({
    description: 'Nobody, for a reason. No cookie is removed.',
    meta: { ids: ['H0', 'H1', 'H2b', 'H3', 'H4b', 'H9', 'S1'] },
    tags: ['decided'],
  }),
  handshake: handshakeSetup.createStateConfig({
    description: 'Redirect to the issuer.',
    meta: { ids: ['H4', 'H5', 'H8'] },
    tags: ['decided'],
  }),
  returning: handshakeSetup.createStateConfig({
    description: 'Redirect to the clean address, with the cookies that the handshake brought.',
    meta: { ids: ['H2'] },
    tags: ['decided'],
  }),
  unavailable: handshakeSetup.createStateConfig({
    description: 'Cannot be said now. Nobody is signed out by that.',
    meta: { ids: ['H2', 'H6b', 'H7'] },
    tags: ['decided'],
  }),
};
