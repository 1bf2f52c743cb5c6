import { tokenSetup } from '../setup';

export const restoring = tokenSetup.createStateConfig({
  description: 'Reading what is left from before. Unknown is not signed out; readers wait.',
  meta: { ids: ['T1', 'T2', 'T3'] },
  tags: ['waiting'],
  initial: 'sorting',
  on: {
    'token.read': [
      {
        guard: { type: 'isForcedRead', params: ({ event }) => event },
        actions: 'noteForced',
        description: 'A forced read waits for a mint of its own.',
        meta: { ids: ['T25'] },
      },
      {
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'A read waits until something is known.',
        meta: { ids: ['R4.11'] },
      },
    ],
  },
  states: {
    sorting: {
      description: 'What came along decides.',
      meta: { ids: ['T1', 'T2', 'T3'] },
      always: [
        {
          guard: 'wasGivenUsable',
          target: '#token.fresh',
          description: 'A usable token came along: served at once, without a request before its stale point.',
          meta: { ids: ['T1', 'T2', 'T28'] },
        },
        {
          guard: 'isExploredWithin',
          target: '#token.outage-fallback',
          description: 'No usable token, and a `Retry-After` from before the reload is not over.',
          meta: { ids: ['T3', 'R5.8'] },
        },
        {
          guard: 'isExplored',
          target: '#token.refreshing',
          actions: { type: 'dueTo', params: { cause: 'restore' } },
          description: 'No usable token. An expired one is kept: an edge may mint from it.',
          meta: { ids: ['T3', 'T28'] },
        },
        {
          target: 'recalling',
          description: 'Nobody has looked for a token of this key yet.',
          meta: { ids: ['T1', 'T3'] },
        },
      ],
    },
    recalling: {
      description: 'The cache is asked for a token of this key.',
      meta: { ids: ['T1', 'T2', 'T3'] },
      invoke: {
        id: 'recall',
        src: 'recall',
        input: ({ context }) => ({ key: context.key }),
        onDone: [
          {
            guard: { type: 'isRecalledUsable', params: ({ event }) => ({ token: event.output }) },
            target: '#token.fresh',
            actions: { type: 'hold', params: ({ event }) => ({ token: event.output }) },
            description: 'A usable token was found: served without a request before its stale point.',
            meta: { ids: ['T1', 'T2'] },
          },
          {
            guard: 'isPausing',
            target: '#token.outage-fallback',
            actions: { type: 'hold', params: ({ event }) => ({ token: event.output }) },
            description: 'Nothing usable found, and a `Retry-After` from before the reload is not over.',
            meta: { ids: ['T3', 'R5.8'] },
          },
          {
            target: '#token.refreshing',
            actions: [
              { type: 'hold', params: ({ event }) => ({ token: event.output }) },
              { type: 'dueTo', params: { cause: 'restore' } },
            ],
            description:
              'Nothing usable found: the session needs a token. An expired one is kept, since an edge may mint from it.',
            meta: { ids: ['T3'] },
          },
        ],
        onError: {
          target: '#token.refreshing',
          actions: { type: 'dueTo', params: { cause: 'restore' } },
          description: 'The cache cannot be read: the session goes on without it.',
          meta: { ids: ['T3', 'R8.5'] },
        },
      },
    },
  },
});
