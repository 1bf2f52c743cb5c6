import { tokenSetup } from '../setup';
import { servedToExpiry } from './served';

export const offlineRetrying = tokenSetup.createStateConfig({
  description: 'Without a network: no request is sent. Looks again on a schedule, and whenever the host sees a change.',
  meta: { ids: ['T9', 'S10'] },
  initial: 'waiting',
  entry: 'becomeOffline',
  always: [
    {
      guard: 'isOnlineWithin',
      target: 'outage-fallback',
      actions: { type: 'dueTo', params: { cause: 'online' } },
      description:
        'Back online, but the origin wants to be left alone for the rest of its pause: a flapping link buys no extra mint.',
      meta: { ids: ['T20'] },
    },
    {
      guard: 'isOnlineAndFresh',
      target: 'fresh',
      actions: 'becomeOk',
      description: 'Back online with a token that needs nothing: no request.',
      meta: { ids: ['T20'] },
    },
    {
      guard: 'isOnline',
      target: 'refreshing',
      actions: [{ type: 'dueTo', params: { cause: 'online' } }, 'spreadOut'],
      description: 'Back online: a token within a second, spread out.',
      meta: { ids: ['T20', 'R5.22'] },
    },
  ],
  on: {
    'token.read': [
      {
        guard: { type: 'isForcedRead', params: ({ event }) => event },
        actions: 'noteForced',
        description: 'A forced read waits for the budget.',
        meta: { ids: ['T25'] },
      },
      {
        actions: { type: 'noteRead', params: ({ event }) => event },
        description: 'A read that cannot be served waits for the budget.',
        meta: { ids: ['T22'] },
      },
    ],
  },
  states: {
    waiting: {
      ...servedToExpiry,
      description: 'Within the budget: who waits goes on waiting.',
      meta: { ids: ['T21', 'R5.20'] },
      entry: 'scheduleCheck',
      always: {
        guard: 'isOfflineBudgetSpent',
        target: 'exhausted',
        actions: 'failReadersOffline',
        description: 'The budget was used up before the link last flapped.',
        meta: { ids: ['T22'] },
      },
      after: {
        untilOfflineCheck: [
          {
            guard: 'isOfflineBudgetLeft',
            target: 'waiting',
            reenter: true,
            actions: 'countOfflineCheck',
            description: 'Still offline.',
            meta: { ids: ['T21'] },
          },
          {
            target: 'exhausted',
            actions: ['countOfflineCheck', 'failReadersOffline'],
            description: 'Still offline after the last look: who waits gets `OfflineError`.',
            meta: { ids: ['T22', 'R5.2'] },
          },
        ],
      },
    },
    exhausted: {
      ...servedToExpiry,
      description: 'The budget is used up: who cannot be served is told at once. It goes on looking.',
      meta: { ids: ['T22', 'L2'] },
      tags: ['failing'],
      entry: 'scheduleLook',
      after: {
        untilLookAgain: {
          target: 'exhausted',
          reenter: true,
          description: 'Still offline.',
          meta: { ids: ['T21', 'T22'] },
        },
      },
      on: {
        'token.read': [
          {
            guard: { type: 'isForcedRead', params: ({ event }) => event },
            actions: ['noteForced', 'failReadersOffline'],
            description: 'A forced read gets `OfflineError` at once.',
            meta: { ids: ['T22'] },
          },
          {
            guard: { type: 'isWaitingRead', params: ({ event }) => event },
            actions: [{ type: 'noteRead', params: ({ event }) => event }, 'failReadersOffline'],
            description: 'A read that cannot be served gets `OfflineError` at once.',
            meta: { ids: ['T22'] },
          },
        ],
      },
    },
  },
});
