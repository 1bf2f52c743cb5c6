/**
 * The life of one key's token, as a chart: one file per state under states/.
 *
 * `fresh` is the router: whatever "goes back" targets it, and its `always` moves on by the clock. Timers only arm; a
 * `clock.tick` reaches the machine before each of them fires, so `always` and its guards decide.
 */
import { initialContext } from './context';
import { tokenSetup } from './setup';
import { fresh } from './states/fresh';
import { peerToken } from './states/mint';
import { offlineRetrying } from './states/offline-retrying';
import { outageFallback } from './states/outage-fallback';
import { refreshing } from './states/refreshing';
import { restoring } from './states/restoring';
import { signedOut } from './states/signed-out';
import { stale } from './states/stale';

/**
 * Keeps the token of one key alive. Usable on its own: provide the actors `recall`, `mint` and `confirmSession`, and
 * send `clock.tick` before every other event and every timer (see `createTokenLifecycle`, which does all that).
 *
 * @example
 * const actor = createActor(tokenMachine.provide({ actors: { mint } }), {
 *   input: { key: { sessionId: 'sess_1' }, seen },
 * });
 */
export const tokenMachine = tokenSetup.createMachine({
  id: 'token',
  description: 'Keeps the token of one key alive.',
  context: ({ input }) => initialContext(input),
  initial: 'restoring',
  on: {
    'clock.tick': {
      actions: { type: 'look', params: ({ event }) => ({ seen: event.seen }) },
      description: 'A look at clocks, network and presence; whatever follows from it follows at once.',
      meta: { ids: ['T26', 'R9.15', 'R9.19'] },
    },
    'clock.corrected': {
      actions: { type: 'adoptClock', params: ({ event }) => ({ clock: event.clock }) },
      description: 'Another key of this session learned what time it is at the server.',
      meta: { ids: ['R9.1', 'R9.13'] },
    },
    'outage.noticed': {
      actions: { type: 'noteOutage', params: ({ event }) => ({ marked: event.marked }) },
      description: 'Another key of this session found the origin in an outage, or out of it.',
      meta: { ids: ['T16', 'R6.2'] },
    },
    'floor.raised': {
      actions: { type: 'raiseFloor', params: ({ event }) => ({ pause: event.pause }) },
      description: 'Over another key the source asked to be left alone: no request before that is over.',
      meta: { ids: ['R5.8', 'S10'] },
    },
    'key.activated': {
      actions: { type: 'setActive', params: ({ event }) => ({ active: event.active }) },
      description: 'This key became, or ceased to be, the one of the active session and organization.',
      meta: { ids: ['R7.13'] },
    },
    'token.used': {
      actions: 'noteUse',
      description: 'A usable token was read; worth keeping alive.',
      meta: { ids: ['T6'] },
    },
    'peer.token': {
      guard: { type: 'isFresherPeerToken', params: peerToken },
      target: '.fresh',
      actions: { type: 'adoptFromPeer', params: peerToken },
      description: 'Another tab minted: its token is held, readers are served, a request of our own is aborted.',
      meta: { ids: ['T23'] },
    },
    'token.rejected': {
      actions: { type: 'noteRejection', params: ({ event }) => ({ fingerprint: event.fingerprint }) },
      description: 'An API refused this token: it loses every comparison from now on.',
      meta: { ids: ['R7.10'] },
    },
    'session.ended': {
      target: '.signed-out',
      actions: 'end',
      description: 'Signed out: the mint that runs is aborted, every timer is gone.',
      meta: { ids: ['T27', 'R8.8'] },
    },
  },
  states: {
    restoring,
    fresh,
    stale,
    refreshing,
    'offline-retrying': offlineRetrying,
    'outage-fallback': outageFallback,
    'signed-out': signedOut,
  },
});
