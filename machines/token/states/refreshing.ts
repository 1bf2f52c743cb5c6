import { tokenSetup } from '../setup';
import {
  adoptWhileBound,
  broken,
  failure,
  mintInput,
  outcome,
  overdue,
  refusal,
  sharedOutcomes,
  sharedTimeouts,
  timeout,
} from './mint';
import { forbidden, queueing } from './queueing';
import { servedToCutoff } from './served';

export const refreshing = tokenSetup.createStateConfig({
  description: 'Running one mint for the key, or waiting until it may start.',
  meta: { ids: ['T6', 'R4.5'] },
  initial: 'spacing',
  on: {
    'token.read': [
      {
        guard: { type: 'isForcedRead', params: ({ event }) => event },
        actions: 'noteForced',
        description: 'A forced read joins; a mint that started before it does not count for it.',
        meta: { ids: ['T25'] },
      },
      {
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'A read joins the mint.',
        meta: { ids: ['R4.5'] },
      },
    ],
  },
  states: {
    spacing: {
      ...servedToCutoff,
      description:
        'No mint in flight: waiting for the floor between two mints, or for the spread of those who return together.',
      meta: { ids: ['S9', 'T20', 'R9.8'] },
      always: [
        ...forbidden,
        {
          guard: 'isSpacedAmongOthers',
          target: 'queueing',
          description: 'The mint may start, if no other tab is at it.',
          meta: { ids: ['T6', 'T17', 'R10.4'] },
        },
        {
          guard: 'isSpaced',
          target: 'minting',
          description: 'The mint may start.',
          meta: { ids: ['T6', 'T17'] },
        },
      ],
      after: {
        untilSpaced: {
          target: 'spacing',
          reenter: true,
          description: 'The wait moved: armed again.',
          meta: { ids: ['S9'] },
        },
      },
    },
    queueing,
    minting: {
      ...servedToCutoff,
      description: 'One request is in flight.',
      meta: { ids: ['T6', 'S5'] },
      entry: ['startMint', 'announceMint'],
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
              { type: 'tellSuccess', params: outcome },
              { type: 'accept', params: outcome },
            ],
            description: 'A better token: held.',
            meta: { ids: ['T7', 'T16'] },
          },
          ...sharedOutcomes,
          {
            guard: { type: 'failedForWantOfLastToken', params: outcome },
            target: '#token.outage-fallback.presenting-expired-token',
            actions: { type: 'recordDoubt', params: failure },
            description: 'The edge cannot reach the origin and asks for the last token.',
            meta: { ids: ['T11', 'R6.1'] },
          },
          {
            guard: { type: 'mayRepeatAtOnce', params: outcome },
            target: 'minting',
            reenter: true,
            actions: {
              type: 'recordFailure',
              params: failure,
            },
            description:
              'The answer to a single-use credential was lost; inside the grace of the server it is sent once more.',
            meta: { ids: ['R5.15'] },
          },
          {
            guard: { type: 'failedRejected', params: outcome },
            target: '#token.fresh',
            actions: [
              {
                type: 'recordFailure',
                params: refusal,
              },
              'failReaders',
            ],
            description: 'Refused for good: readers get the error, further tries decay, the held token stays.',
            meta: { ids: ['T12'] },
          },
          {
            target: '#token.outage-fallback',
            actions: {
              type: 'recordFailure',
              params: failure,
            },
            description: 'Transient, timed out, rate-limited, invalid or ambiguous: tried again by backoff.',
            meta: { ids: ['T10'] },
          },
        ],
        onError: {
          target: '#token.outage-fallback',
          actions: { type: 'recordFailure', params: broken },
          description: 'The mint actor itself broke: as transient.',
          meta: { ids: ['T10'] },
        },
      },
      always: [
        ...sharedTimeouts,
        {
          guard: 'isOverdueInReuseGrace',
          target: 'minting',
          reenter: true,
          actions: { type: 'recordFailure', params: { failure: { class: 'ambiguous' } } },
          description: 'No answer to a single-use credential; inside the grace of the server it is sent once more.',
          meta: { ids: ['R5.15'] },
        },
        {
          guard: 'isOverdue',
          target: '#token.outage-fallback',
          actions: { type: 'recordFailure', params: overdue },
          description: 'No answer within the time: the request is aborted.',
          meta: { ids: ['T10', 'R5.5'] },
        },
      ],
      after: timeout,
    },
    'confirming-sign-out': {
      ...servedToCutoff,
      description: 'The session is asked whether it still exists: once, for all keys.',
      meta: { ids: ['T13'] },
      invoke: {
        id: 'confirmSession',
        src: 'confirmSession',
        input: ({ context }) => ({ sessionId: context.key.sessionId }),
        onDone: [
          {
            guard: { type: 'isGone', params: ({ event }) => ({ verdict: event.output }) },
            target: '#token.signed-out',
            actions: [{ type: 'tellGone', params: ({ event }) => ({ confirmed: event.output === 'gone' }) }, 'end'],
            description: 'The session is gone, or nobody can be asked and the code ends sessions.',
            meta: { ids: ['T14', 'R8.1'] },
          },
          {
            guard: { type: 'isStillActive', params: ({ event }) => ({ verdict: event.output }) },
            target: '#token.fresh',
            actions: [
              {
                type: 'recordFailure',
                params: ({ context }) => ({
                  failure: context.error ?? { class: 'unauthenticated' as const },
                  decays: true,
                }),
              },
              'failReaders',
            ],
            description: 'The session is still there: as any refusal.',
            meta: { ids: ['T15', 'T12'] },
          },
          {
            target: '#token.outage-fallback',
            actions: {
              type: 'recordFailure',
              params: ({ context }) => ({ failure: { ...context.error, class: 'transient' } }),
            },
            description: 'Nobody could say. An origin in trouble signs nobody out.',
            meta: { ids: ['T15'] },
          },
        ],
        onError: {
          target: '#token.outage-fallback',
          actions: {
            type: 'recordFailure',
            params: ({ context }) => ({ failure: { ...context.error, class: 'transient' } }),
          },
          description: 'The question failed. An origin in trouble signs nobody out.',
          meta: { ids: ['T15'] },
        },
      },
    },
  },
});
