import { tokenSetup } from '../setup';
import { forcedRefresh, forcedWhileRefused } from './forced';
import { servedToCutoff } from './served';

export const stale = tokenSetup.createStateConfig({
  ...servedToCutoff,
  description:
    'Past the stale point (or without a usable token), and no mint in flight. A refresh starts as soon as it may.',
  meta: { ids: ['T2', 'T6'] },
  always: [
    {
      guard: 'isReadRefreshDue',
      target: 'refreshing',
      actions: { type: 'dueTo', params: { cause: 'read' } },
      description: 'Somebody waits.',
      meta: { ids: ['T6', 'R4.3'] },
    },
    {
      guard: 'isAwakened',
      target: 'refreshing',
      actions: [{ type: 'dueTo', params: { cause: 'wake' } }, 'spreadOut'],
      description: 'Somebody looks at the page again.',
      meta: { ids: ['T6', 'T26', 'R9.20'] },
    },
    {
      guard: 'isProactiveRefreshDue',
      target: 'refreshing',
      actions: [{ type: 'dueTo', params: { cause: 'proactive' } }, 'spreadOutIfLate', 'leaveToFocused'],
      description:
        'In the background: readers keep the held token meanwhile. A tab without focus leaves it to the focused one for a while.',
      meta: { ids: ['T6', 'R9.21', 'R10.8'] },
    },
  ],
  after: {
    untilNextTry: {
      target: 'stale',
      reenter: true,
      description: 'The pause after an answer that did not help is over, or was clamped: the clock decides.',
      meta: { ids: ['T8', 'T12'] },
    },
  },
  on: {
    'clock.corrected': {
      target: 'fresh',
      actions: { type: 'adoptClock', params: ({ event }) => ({ clock: event.clock }) },
      description: 'The server has another time than believed: perhaps the token is not stale at all.',
      meta: { ids: ['R9.1'] },
    },
    'token.read': [
      forcedWhileRefused,
      forcedRefresh,
      {
        guard: { type: 'isWaitingWhileRefused', params: ({ event }) => event },
        actions: [{ type: 'noteRead', params: ({ event }) => event }, 'failPlain'],
        description: 'The server refused a moment ago: the same error, no request.',
        meta: { ids: ['T12'] },
      },
      {
        guard: 'isPausing',
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'The next try is set already; a read does not hasten it.',
        meta: { ids: ['T8', 'T12'] },
      },
      {
        target: 'refreshing',
        actions: [
          { type: 'noteRead', params: ({ event }) => event },
          { type: 'dueTo', params: { cause: 'read' } },
        ],
        description: 'A read is served if it can be, and starts the refresh.',
        meta: { ids: ['T6', 'R4.3'] },
      },
    ],
    'token.rejected': {
      guard: { type: 'isHeldToken', params: ({ event }) => event },
      target: 'fresh',
      actions: [
        { type: 'noteRejection', params: ({ event }) => ({ fingerprint: event.fingerprint }) },
        { type: 'dueTo', params: { cause: 'rejected' } },
      ],
      description: 'An API refused the held token: it loses every comparison; the refresh is due anyway.',
      meta: { ids: ['R7.10'] },
    },
  },
});
