import { tokenSetup } from '../setup';
import { forcedWhileRefused } from './forced';
import {
  adoptWhileBound,
  broken,
  failure,
  mintInput,
  outcome,
  overdue,
  sharedOutcomes,
  sharedTimeouts,
  timeout,
} from './mint';
import { servedToExpiry } from './served';

export const outageFallback = tokenSetup.createStateConfig({
  description: 'Online, but the origin is failing: presents the last token where the server asks for it, or backs off.',
  meta: { ids: ['T10', 'L2'] },
  initial: 'backing-off',
  entry: 'becomeDegraded',
  on: {
    'token.read': [
      forcedWhileRefused,
      {
        guard: { type: 'isForcedRead', params: ({ event }) => event },
        actions: 'noteForced',
        description: 'A forced read joins the loop.',
        meta: { ids: ['T25'] },
      },
      {
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'A read that cannot be served joins the loop.',
        meta: { ids: ['R4.5'] },
      },
    ],
  },
  states: {
    'presenting-expired-token': {
      ...servedToExpiry,
      description:
        'The same request once more, at once, with the last token: an edge can mint from it without the origin.',
      meta: { ids: ['T11', 'R6.1'] },
      entry: ['startPresenting', 'announceMint'],
      on: adoptWhileBound,
      invoke: {
        id: 'mint',
        src: 'mint',
        input: mintInput,
        onDone: [
          {
            guard: { type: 'isAccepted', params: outcome },
            target: '#token.fresh',
            actions: [
              'tellOutage',
              { type: 'tellSuccess', params: outcome },
              { type: 'acceptInOutage', params: outcome },
            ],
            description:
              'Minted from the last token. The session is marked as in an outage: later refreshes present first.',
            meta: { ids: ['T16', 'R6.2'] },
          },
          ...sharedOutcomes,
          {
            target: 'backing-off',
            actions: [
              {
                type: 'recordFailure',
                params: failure,
              },
              'becomeDegraded',
            ],
            description: 'The last token did not help either.',
            meta: { ids: ['T11', 'T10'] },
          },
        ],
        onError: {
          target: 'backing-off',
          actions: { type: 'recordFailure', params: broken },
          description: 'The mint actor itself broke: as transient.',
          meta: { ids: ['T10'] },
        },
      },
      always: [
        ...sharedTimeouts,
        {
          guard: 'isOverdue',
          target: 'backing-off',
          actions: [{ type: 'recordFailure', params: overdue }, 'becomeDegraded'],
          description: 'No answer within the time: the request is aborted.',
          meta: { ids: ['T10', 'R5.5'] },
        },
      ],
      after: timeout,
    },
    'backing-off': {
      ...servedToExpiry,
      description: 'Waiting for the next try. Nothing hastens it: no reader, no heartbeat, no link that flaps.',
      meta: { ids: ['T10', 'T17', 'R5.19'] },
      always: [
        {
          guard: 'isOffline',
          target: '#token.offline-retrying',
          actions: { type: 'recordOffline', params: { failure: null } },
          description: 'The network went away as well.',
          meta: { ids: ['T19'] },
        },
        {
          guard: 'isForcedAndRefused',
          actions: 'failForced',
          description:
            'Whoever forced a refresh before the server asked to be left alone does not wait that long: the error at once.',
          meta: { ids: ['T25', 'R5.8'] },
        },
        {
          guard: 'isBudgetSpent',
          target: 'probing',
          actions: 'failReaders',
          description: 'The budget is used up: who waits gets the last error.',
          meta: { ids: ['T18'] },
        },
        {
          guard: 'isLateAndUnattended',
          target: '#token.stale',
          description: 'Slept past the next try, and nobody looks or waits: left to the next read or wake.',
          meta: { ids: ['R9.21'] },
        },
        {
          guard: 'isPauseOver',
          target: '#token.refreshing',
          actions: { type: 'dueTo', params: { cause: 'retry' } },
          description: 'The next try.',
          meta: { ids: ['T17'] },
        },
      ],
      after: {
        untilPauseEnds: {
          target: 'backing-off',
          reenter: true,
          description: 'The pause was longer than a timer: armed again.',
          meta: { ids: ['T17', 'R9.16'] },
        },
      },
    },
    probing: {
      ...servedToExpiry,
      description:
        'The budget is used up: who cannot be served gets the last error at once. It goes on trying at the longest distance.',
      meta: { ids: ['T18', 'L2'] },
      tags: ['failing'],
      always: {
        guard: 'isOffline',
        target: '#token.offline-retrying',
        actions: { type: 'recordOffline', params: { failure: null } },
        description: 'The network went away as well.',
        meta: { ids: ['T19'] },
      },
      after: {
        untilProbe: {
          target: '#token.refreshing',
          actions: { type: 'dueTo', params: { cause: 'probe' } },
          description: 'Another look at the origin.',
          meta: { ids: ['T18', 'T17'] },
        },
      },
      on: {
        'token.read': [
          {
            guard: { type: 'isForcedRead', params: ({ event }) => event },
            actions: ['noteForced', 'failReaders'],
            description: 'A forced read gets the last error at once.',
            meta: { ids: ['T18'] },
          },
          {
            guard: { type: 'isWaitingRead', params: ({ event }) => event },
            actions: [{ type: 'noteRead', params: ({ event }) => event }, 'failReaders'],
            description: 'A read that cannot be served gets the last error at once.',
            meta: { ids: ['T18'] },
          },
        ],
      },
    },
  },
});
