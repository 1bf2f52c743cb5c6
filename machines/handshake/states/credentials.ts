import { handshakeSetup } from '../setup';

/** Which of the credentials decides: H0, H1, H2, H2b. */
export const arriving = handshakeSetup.createStateConfig({
  description: 'Which credential decides.',
  meta: { ids: ['H0', 'H1', 'H2'] },
  always: [
    {
      guard: 'isForgeable',
      target: 'signed-out',
      actions: { type: 'because', params: { reason: 'cross-origin-request' } },
      description: 'Another site may have made the browser send this; a cookie alone proves nothing then.',
      meta: { ids: ['H0'] },
    },
    {
      guard: 'hasBearer',
      target: 'bearer',
      description: 'A bearer token decides alone.',
      meta: { ids: ['H1'] },
    },
    {
      guard: 'isBackAndBound',
      target: 'exchanging',
      description: 'Back from a handshake that this browser began.',
      meta: { ids: ['H2'] },
    },
    {
      target: 'cookies',
      description: 'Whatever a handshake that is not ours may have left in the address is ignored.',
      meta: { ids: ['H2', 'H2b'] },
    },
  ],
});

export const bearer = handshakeSetup.createStateConfig({
  description: 'A bearer token: no cookie and no handshake in its place.',
  meta: { ids: ['H1'] },
  always: [
    {
      guard: 'isBearerValid',
      target: 'signed-in',
      actions: { type: 'vouch', params: { via: 'bearer' } },
      description: 'It verifies.',
      meta: { ids: ['H1'] },
    },
    {
      guard: 'isBearerUnverifiable',
      target: 'unavailable',
      actions: { type: 'because', params: { reason: 'keys-unreachable' } },
      description: 'Nobody can say whether it is good.',
      meta: { ids: ['H1', 'H6b'] },
    },
    {
      target: 'signed-out',
      actions: 'becauseOfBearer',
      description: 'It does not verify.',
      meta: { ids: ['H1'] },
    },
  ],
});

/** The only question before the session cookie is looked at: what the handshake brought. */
export const exchanging = handshakeSetup.createStateConfig({
  description: 'Waits for what the handshake token or nonce is worth. The caller finds out.',
  meta: { ids: ['H2'] },
  tags: ['asking'],
  on: {
    'exchange.answered': [
      {
        guard: { type: 'isExchangeFailed', params: ({ event }) => event },
        target: 'unavailable',
        actions: { type: 'because', params: { reason: 'handshake-exchange-failed' } },
        description: 'The issuer gave no answer. That is no sign-out: the same address may be asked for again.',
        meta: { ids: ['H2'] },
      },
      {
        guard: { type: 'isExchangeUnverifiable', params: ({ event }) => event },
        target: 'unavailable',
        actions: { type: 'because', params: { reason: 'keys-unreachable' } },
        description: 'Nobody can say whether the answer is the issuer’s.',
        meta: { ids: ['H2', 'H6b'] },
      },
      {
        guard: { type: 'isExchangeInvalid', params: ({ event }) => event },
        target: 'cookies',
        description: 'Not the issuer’s, too old, or used before: ignored.',
        meta: { ids: ['H2'] },
      },
      {
        guard: { type: 'isExchangeGood', params: ({ event }) => event },
        target: 'returning',
        actions: { type: 'because', params: { reason: 'handshake-completed' } },
        description:
          'A new session token, or the word that nobody is signed in: to the clean address, with the cookies.',
        meta: { ids: ['H2'] },
      },
      {
        guard: { type: 'isExchangeUntimely', params: ({ event }) => event },
        target: 'signed-out',
        actions: { type: 'because', params: { reason: 'clock-skew-suspected' } },
        description:
          'Fresh from the issuer, and out of time here: one of the clocks is wrong, and another round would not help.',
        meta: { ids: ['H2'] },
      },
      {
        target: 'signed-out',
        actions: { type: 'becauseOfExchange', params: ({ event }) => event },
        description: 'The issuer’s own session token does not verify. No cookie of it is kept.',
        meta: { ids: ['H2', 'H9'] },
      },
    ],
  },
});

export const cookies = handshakeSetup.createStateConfig({
  description: 'Which session cookie counts.',
  meta: { ids: ['H2b'] },
  always: [
    {
      guard: 'isSeveralWithOneValid',
      target: 'session',
      actions: 'chooseValid',
      description: 'Several, and one of them verifies: the others were tossed, or left behind.',
      meta: { ids: ['H2b'] },
    },
    {
      guard: 'isSeveralUnverifiable',
      target: 'unavailable',
      actions: { type: 'because', params: { reason: 'keys-unreachable' } },
      description: 'Several, and nobody can say which is good.',
      meta: { ids: ['H2b', 'H6b'] },
    },
    {
      guard: 'hasSeveralCookies',
      target: 'signed-out',
      actions: { type: 'because', params: { reason: 'ambiguous-session' } },
      description: 'Several that verify, or none: not to be guessed between.',
      meta: { ids: ['H2b'] },
    },
    {
      target: 'session',
      actions: 'chooseFirst',
      description: 'One, or none.',
      meta: { ids: ['H2b', 'H3'] },
    },
  ],
});
