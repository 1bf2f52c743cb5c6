import { handshakeSetup } from '../setup';

/** The session cookie against marker, clock and keys: H3 to H9, the first that fits. */
export const session = handshakeSetup.createStateConfig({
  description: 'The session cookie, the marker and the refresh credential.',
  meta: { ids: ['H3', 'H4', 'H4b', 'H5', 'H6', 'H6b', 'H7', 'H8', 'H9'] },
  always: [
    {
      guard: 'isNothingThereButRefresh',
      target: 'refreshing',
      description: 'No token and no marker, but a refresh credential.',
      meta: { ids: ['H3', 'H7'] },
    },
    {
      guard: 'isNothingThereAndBlocked',
      target: 'signed-out',
      actions: { type: 'because', params: { reason: 'cookies-blocked' } },
      description: 'Back from a handshake with no cookie at all: this browser keeps none.',
      meta: { ids: ['H3', 'H2'] },
    },
    {
      guard: 'isNothingThere',
      target: 'signed-out',
      actions: { type: 'because', params: { reason: 'session-token-and-uat-missing' } },
      description: 'Nobody.',
      meta: { ids: ['H3'] },
    },
    {
      guard: 'isMarkerAlone',
      target: 'redirecting',
      actions: { type: 'because', params: { reason: 'client-uat-but-no-session-token' } },
      description: 'Signed in at the issuer, and no token here.',
      meta: { ids: ['H4'] },
    },
    {
      guard: 'isTokenAlone',
      target: 'redirecting',
      actions: { type: 'because', params: { reason: 'session-token-but-no-client-uat' } },
      description: 'A token here, and nobody signed in at the issuer as far as the marker says.',
      meta: { ids: ['H4'] },
    },
    {
      guard: 'isUnreadable',
      target: 'signed-out',
      actions: 'becauseOfSession',
      description: 'Not a session token.',
      meta: { ids: ['H4b'] },
    },
    {
      guard: 'isOlderThanMarker',
      target: 'redirecting',
      actions: { type: 'because', params: { reason: 'session-token-iat-before-client-uat' } },
      description: 'Signed in or out since the token was minted.',
      meta: { ids: ['H5'] },
    },
    {
      guard: 'isValid',
      target: 'signed-in',
      actions: { type: 'vouch', params: { via: 'cookie' } },
      description: 'It verifies.',
      meta: { ids: ['H6'] },
    },
    {
      guard: 'isUnverifiable',
      target: 'unavailable',
      actions: { type: 'because', params: { reason: 'keys-unreachable' } },
      description: 'Nobody can say whether it is good.',
      meta: { ids: ['H6b'] },
    },
    {
      guard: 'isExpiredAndRefreshable',
      target: 'refreshing',
      description: 'Only expired, and the means to renew it came along.',
      meta: { ids: ['H7'] },
    },
    {
      guard: 'isUntimely',
      target: 'redirecting',
      actions: 'becauseOfSession',
      description: 'Only its time is wrong: the issuer may know better.',
      meta: { ids: ['H8'] },
    },
    {
      target: 'signed-out',
      actions: 'becauseOfSession',
      description: 'Something else is wrong with it. It may have been tossed by a neighbour: no cookie is touched.',
      meta: { ids: ['H9'] },
    },
  ],
});

export const refreshing = handshakeSetup.createStateConfig({
  description: 'Waits for what the refresh credential brings. The caller spends it, once.',
  meta: { ids: ['H7'] },
  tags: ['asking'],
  on: {
    'refresh.answered': [
      {
        guard: { type: 'isRefreshed', params: ({ event }) => event },
        target: 'signed-in',
        actions: { type: 'vouch', params: { via: 'refresh' } },
        description: 'A new token, and it verifies: no redirect is needed.',
        meta: { ids: ['H7'] },
      },
      {
        guard: { type: 'isRefreshRefused', params: ({ event }) => event },
        target: 'signed-out',
        actions: { type: 'because', params: { reason: 'refresh-refused' } },
        description: 'The credential is no longer good.',
        meta: { ids: ['H7'] },
      },
      {
        guard: { type: 'isRefreshForeign', params: ({ event }) => event },
        target: 'signed-out',
        actions: { type: 'because', params: { reason: 'refresh-session-mismatch' } },
        description: 'The credential belongs to somebody else than the expired token: one of them was tossed.',
        meta: { ids: ['H7', 'H9'] },
      },
      {
        guard: 'isHandshakePossible',
        target: 'handshake',
        actions: 'becauseOfSession',
        description: 'The server is in trouble; the issuer’s edge may be able to help.',
        meta: { ids: ['H7', 'H8'] },
      },
      {
        target: 'unavailable',
        actions: { type: 'because', params: { reason: 'refresh-failed' } },
        description: 'The server is in trouble, and that signs nobody out.',
        meta: { ids: ['H7'] },
      },
    ],
  },
});

/** Wanted is not yet possible: who can be redirected, and how often. */
export const redirecting = handshakeSetup.createStateConfig({
  description: 'A handshake would help. May there be one?',
  meta: { ids: ['H4', 'H5', 'H8'] },
  always: [
    {
      guard: 'isNoNavigation',
      target: 'signed-out',
      description: 'No page that could be redirected and come back, or no handshake: signed out, for the same reason.',
      meta: { ids: ['H4', 'H5', 'H8'] },
    },
    {
      guard: 'isBackWithoutCookie',
      target: 'signed-out',
      actions: { type: 'because', params: { reason: 'cookies-blocked' } },
      description: 'Back from a handshake without its cookie: the next one would end the same way.',
      meta: { ids: ['H2', 'H8'] },
    },
    {
      guard: 'isLooping',
      target: 'signed-out',
      actions: { type: 'because', params: { reason: 'handshake-loop' } },
      description: 'Three handshakes within two minutes have not helped.',
      meta: { ids: ['H4', 'H5', 'H8'] },
    },
    {
      target: 'handshake',
      description: 'To the issuer, and back.',
      meta: { ids: ['H4', 'H5', 'H8'] },
    },
  ],
});
