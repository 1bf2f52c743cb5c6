import { tokenSetup } from '../setup';
import { forcedRefresh, forcedWhileRefused } from './forced';

export const fresh = tokenSetup.createStateConfig({
  description:
    'Holds a token before its stale point; a timer runs to that point. Also the router: what goes back goes here and is sent on by the clock.',
  meta: { ids: ['T1', 'T5', 'T7'] },
  tags: ['serving'],
  always: [
    {
      guard: 'isForcedAndRefused',
      actions: 'failForced',
      description:
        'Over another key or tab the server asked to be left alone while a mint was running: whoever forced another one gets the error at once.',
      meta: { ids: ['T25', 'R5.8'] },
    },
    {
      guard: 'isForced',
      target: 'refreshing',
      actions: { type: 'dueTo', params: { cause: 'forced' } },
      description: 'Somebody forced a refresh while a mint was running: one follow-up for all of them.',
      meta: { ids: ['T25'] },
    },
    {
      guard: 'isPastStalePoint',
      target: 'stale',
      actions: 'liftPause',
      description: 'The stale point is reached.',
      meta: { ids: ['T2', 'T5'] },
    },
  ],
  after: {
    untilStale: {
      target: 'fresh',
      reenter: true,
      description: 'The timer was shorter than the time left (clock set back, or clamped): armed again.',
      meta: { ids: ['T5', 'R9.16'] },
    },
  },
  on: {
    'clock.corrected': {
      target: 'fresh',
      reenter: true,
      actions: { type: 'adoptClock', params: ({ event }) => ({ clock: event.clock }) },
      description: 'The server has another time than believed: the stale point moves.',
      meta: { ids: ['R9.1'] },
    },
    'token.read': [
      forcedWhileRefused,
      forcedRefresh,
      {
        actions: { type: 'noteRead', params: { waiting: false } },
        description: 'A plain read is served; nothing follows.',
        meta: { ids: ['R4.2'] },
      },
    ],
    'token.rejected': {
      guard: { type: 'isHeldToken', params: ({ event }) => event },
      target: 'refreshing',
      actions: [
        { type: 'noteRejection', params: ({ event }) => ({ fingerprint: event.fingerprint }) },
        { type: 'dueTo', params: { cause: 'rejected' } },
      ],
      description: 'An API refused the held token: another one is minted, at most once per floor.',
      meta: { ids: ['T24', 'R7.10'] },
    },
  },
});
