import { sessionSetup } from '../setup';

/** Reading what is left from before. */
export const restoring = sessionSetup.createStateConfig({
  description: 'Reading cookie, cache and store. Unknown is not signed out; readers wait.',
  meta: { ids: ['T3', 'T4'] },
  tags: ['unknown'],
  initial: 'starting',
  on: {
    'session.given': {
      target: 'signed-in',
      actions: [
        { type: 'giveSession', params: ({ event }) => event },
        { type: 'tellSignedIn', params: { restored: false } },
      ],
      description: 'Signed in before anything was read.',
      meta: { ids: ['T28', 'R8.15'] },
    },
    'session.switched': {
      target: 'signed-in',
      actions: [
        { type: 'tellSwitched', params: ({ event }) => event },
        { type: 'switchSession', params: ({ event }) => event },
        { type: 'tellSignedIn', params: { restored: true } },
      ],
      description: 'Switched before anything was read: the new key looks for a token of its own.',
      meta: { ids: ['T29'] },
    },
    'peer.signed-out': {
      guard: { type: 'isOfThisSignIn', params: ({ event }) => event },
      target: 'signed-out',
      actions: [{ type: 'tellSignedOut', params: { reason: 'peer' } }, 'forgetSession'],
      description: 'Another tab signed out of the session that this one is about to take up.',
      meta: { ids: ['T27', 'R8.1'] },
    },
    'session.ended': {
      target: 'signed-out',
      actions: [{ type: 'tellSignedOut', params: ({ event }) => event }, 'forgetSession'],
      description: 'Signed out before anything was read.',
      meta: { ids: ['T27'] },
    },
  },
  states: {
    starting: {
      description: 'Made, but not yet told what time it is: nothing is judged by an old look at the clock.',
      meta: { ids: ['T4', 'R9.15'] },
      on: {
        'clock.tick': {
          target: 'sorting',
          actions: { type: 'look', params: ({ event }) => ({ seen: event.seen }) },
          description: 'The first look.',
          meta: { ids: ['T1', 'T4'] },
        },
      },
    },
    sorting: {
      description: 'What the application says decides.',
      meta: { ids: ['T1', 'T4'] },
      always: [
        {
          guard: 'isNobody',
          target: '#session.signed-out',
          description: 'The application says that nobody is signed in.',
          meta: { ids: ['T4'] },
        },
        {
          guard: 'startsWithFreshToken',
          target: '#session.signed-in',
          actions: { type: 'tellSignedIn', params: { restored: true } },
          description: 'Session and token came along: nothing has to be read first.',
          meta: { ids: ['T1'] },
        },
        {
          target: 'reading',
          description: 'Only what is stored can tell.',
          meta: { ids: ['T4'] },
        },
      ],
    },
    reading: {
      description: 'Every store is asked; what does not answer in time counts as unreadable.',
      meta: { ids: ['T3', 'T4'] },
      invoke: {
        id: 'restore',
        src: 'restore',
        input: ({ context }) => ({ session: context.session }),
        onDone: [
          {
            guard: { type: 'isSessionKnown', params: ({ event }) => ({ session: event.output.session }) },
            target: '#session.signed-in',
            actions: [
              { type: 'remember', params: ({ event }) => ({ remembered: event.output.remembered }) },
              { type: 'restored', params: ({ event }) => event.output },
              { type: 'tellSignedIn', params: { restored: true } },
            ],
            description: 'There is a session.',
            meta: { ids: ['T1', 'T2', 'T3'] },
          },
          {
            guard: { type: 'isComplete', params: ({ event }) => ({ complete: event.output.complete }) },
            target: '#session.signed-out',
            actions: { type: 'remember', params: ({ event }) => ({ remembered: event.output.remembered }) },
            description:
              'Every store answered, and there is no session. Nothing was signed out, so nothing is removed.',
            meta: { ids: ['T4'] },
          },
          {
            target: 'retrying',
            actions: { type: 'remember', params: ({ event }) => ({ remembered: event.output.remembered }) },
            description: 'A store could not be read, and no session is known: that is not "nobody".',
            meta: { ids: ['T4', 'R8.5'] },
          },
        ],
        onError: [
          {
            guard: 'isSomebody',
            target: '#session.signed-in',
            actions: { type: 'tellSignedIn', params: { restored: true } },
            description:
              'Reading broke, but the application says whose session it is: it goes on without what is stored.',
            meta: { ids: ['T4', 'R8.5'] },
          },
          {
            target: 'retrying',
            description: 'Reading broke: that is not "nobody".',
            meta: { ids: ['T4', 'R8.5'] },
          },
        ],
      },
    },
    retrying: {
      description: 'Waiting to read again, on the schedule of offline waits.',
      meta: { ids: ['T4', 'R8.5'] },
      entry: 'countRestore',
      always: {
        guard: 'isRestoreBudgetSpent',
        target: 'exhausted',
        actions: 'tellRestoreFailed',
        description: 'The budget is used up: who waits is told.',
        meta: { ids: ['T4', 'L1'] },
      },
      after: {
        untilReadAgain: { target: 'reading', description: 'Reads again.', meta: { ids: ['T4'] } },
      },
    },
    exhausted: {
      description: 'Reading has failed for the whole budget: who asks is told at once. It goes on trying.',
      meta: { ids: ['T4', 'L2'] },
      tags: ['failing'],
      after: {
        untilReadAgain: { target: 'reading', description: 'Reads again.', meta: { ids: ['T4'] } },
      },
    },
  },
});
