import { tokenSetup } from '../setup';

export const restoring = tokenSetup.createStateConfig({
  description: 'Reading what is left from before. Unknown is not signed out; readers wait.',
  meta: { ids: ['T1', 'T2', 'T3'] },
  tags: ['waiting'],
  always: [
    {
      guard: 'wasGivenUsable',
      target: 'fresh',
      description: 'A usable token came along: served at once, without a request before its stale point.',
      meta: { ids: ['T1', 'T2', 'T28'] },
    },
    {
      guard: 'isExploredWithin',
      target: 'outage-fallback',
      description: 'No usable token, and a `Retry-After` from before the reload is not over.',
      meta: { ids: ['T3', 'R5.8'] },
    },
    {
      guard: 'isExplored',
      target: 'refreshing',
      actions: { type: 'dueTo', params: { cause: 'restore' } },
      description: 'No usable token. An expired one is kept: an edge may mint from it.',
      meta: { ids: ['T3', 'T28'] },
    },
  ],
  invoke: {
    id: 'recall',
    src: 'recall',
    input: ({ context }) => ({ key: context.key }),
    onDone: [
      {
        guard: { type: 'isRecalledUsable', params: ({ event }) => ({ token: event.output }) },
        target: 'fresh',
        actions: { type: 'hold', params: ({ event }) => ({ token: event.output }) },
        description: 'A usable token was found: served without a request before its stale point.',
        meta: { ids: ['T1', 'T2'] },
      },
      {
        guard: 'isPausing',
        target: 'outage-fallback',
        actions: { type: 'hold', params: ({ event }) => ({ token: event.output }) },
        description: 'Nothing usable found, and a `Retry-After` from before the reload is not over.',
        meta: { ids: ['T3', 'R5.8'] },
      },
      {
        target: 'refreshing',
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
      target: 'refreshing',
      actions: { type: 'dueTo', params: { cause: 'restore' } },
      description: 'The cache cannot be read: the session goes on without it.',
      meta: { ids: ['T3', 'R8.5'] },
    },
  },
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
});
