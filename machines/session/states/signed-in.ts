import { sessionSetup } from '../setup';

/** A session, and the machines of its tokens. */
export const signedIn = sessionSetup.createStateConfig({
  description: 'Somebody is signed in. Each key that is read has a token machine.',
  meta: { ids: ['T28', 'T29'] },
  tags: ['signed-in'],
  type: 'parallel',
  entry: 'openActiveKey',
  on: {
    'key.opened': {
      guard: { type: 'isNewKey', params: ({ event }) => event },
      actions: { type: 'openKey', params: ({ event }) => event },
      description: 'A template or organization is read for the first time.',
      meta: { ids: ['R7.6'] },
    },
    'outage.noticed': {
      actions: { type: 'noteOutage', params: ({ event }) => event },
      description: 'One key found the origin in an outage, or out of it; the others are told.',
      meta: { ids: ['T16', 'R6.2'] },
    },
    'floor.raised': {
      actions: { type: 'raiseFloor', params: ({ event }) => event },
      description: 'The source asked to be left alone: that holds for every key.',
      meta: { ids: ['R5.8', 'S10'] },
    },
    'record.read': [
      {
        guard: { type: 'isSignedOutElsewhere', params: ({ event }) => event },
        target: 'signed-out',
        actions: [{ type: 'tellSignedOut', params: { reason: 'peer' } }, 'closeKeys', 'forgetSession'],
        description: 'While this tab was not listening, another one signed out of this session.',
        meta: { ids: ['T27', 'R8.1'] },
      },
      {
        actions: { type: 'rememberForKeys', params: ({ event }) => event },
        description: 'What the tabs of this browser agree on: floors, outage, clock offset, refused tokens.',
        meta: { ids: ['R5.28', 'R9.11', 'R10.10'] },
      },
    ],
    'peer.signed-out': {
      guard: { type: 'isOfThisSignIn', params: ({ event }) => event },
      target: 'signed-out',
      actions: [{ type: 'tellSignedOut', params: { reason: 'peer' } }, 'closeKeys', 'forgetSession'],
      description: 'Another tab signed out of this session.',
      meta: { ids: ['T27', 'R8.1'] },
    },
    'session.given': {
      target: 'signed-in',
      reenter: true,
      actions: [
        'closeKeys',
        { type: 'giveSession', params: ({ event }) => event },
        { type: 'tellSignedIn', params: { restored: false } },
      ],
      description: 'Somebody else, or the same again: a new epoch.',
      meta: { ids: ['T28', 'R8.15'] },
    },
    'session.switched': [
      {
        guard: { type: 'isSameSession', params: ({ event }) => event },
        actions: [
          { type: 'tellSwitched', params: ({ event }) => event },
          { type: 'activateKey', params: ({ event }) => event },
          'raiseEpoch',
        ],
        description: "Another organization: its own token reaches the cookie, the old one's results no longer do.",
        meta: { ids: ['T29'] },
      },
      {
        target: 'signed-in',
        reenter: true,
        actions: [
          { type: 'tellSwitched', params: ({ event }) => event },
          'closeKeys',
          { type: 'switchSession', params: ({ event }) => event },
        ],
        description: 'Another session: a new epoch.',
        meta: { ids: ['T29'] },
      },
    ],
    'session.ended': {
      target: 'signed-out',
      actions: [{ type: 'tellSignedOut', params: ({ event }) => event }, 'closeKeys', 'forgetSession'],
      description: 'Signed out: all keys in one step.',
      meta: { ids: ['T27', 'R8.1', 'R8.6', 'R8.8'] },
    },
  },
  states: {
    confirmation: {
      description: 'Whether the session is in doubt.',
      meta: { ids: ['T13'] },
      initial: 'settled',
      states: {
        settled: {
          description: 'Nobody doubts the session.',
          meta: { ids: ['T13'] },
          on: {
            'session.doubted': {
              target: 'checking',
              description: 'A mint was answered 401.',
              meta: { ids: ['T13', 'R5.13'] },
            },
          },
        },
        checking: {
          description: 'The source is asked, once for all keys.',
          meta: { ids: ['T13'] },
          invoke: {
            id: 'checkSession',
            src: 'checkSession',
            input: ({ context }) => ({ sessionId: context.session?.id ?? '' }),
            onDone: {
              target: 'settled',
              actions: { type: 'tellChecked', params: ({ event }) => ({ verdict: event.output }) },
              description: 'An answer, for every key that waits for it.',
              meta: { ids: ['T14', 'T15'] },
            },
            onError: {
              target: 'settled',
              actions: { type: 'tellChecked', params: { verdict: 'unknown' } },
              description: 'The question failed.',
              meta: { ids: ['T15'] },
            },
          },
          after: {
            untilUnanswered: {
              target: 'settled',
              actions: { type: 'tellChecked', params: { verdict: 'unknown' } },
              description: 'No answer within the time.',
              meta: { ids: ['T15'] },
            },
          },
        },
      },
    },
    heartbeat: {
      description: 'Looks at the clock where timers may be starved. Causes no request and no write by itself.',
      meta: { ids: ['R9.18', 'R9.19'] },
      initial: 'beating',
      states: {
        beating: {
          description: 'There is a page: a beat every few seconds, from the end of the last.',
          meta: { ids: ['R9.18'] },
          always: {
            guard: 'isHeadless',
            target: 'resting',
            description: 'There is no page.',
            meta: { ids: ['R9.18'] },
          },
          after: {
            untilBeat: {
              target: 'beating',
              reenter: true,
              actions: 'tellBeat',
              description: 'A beat: the tick before it has derived everything anew.',
              meta: { ids: ['R9.18', 'T26'] },
            },
          },
        },
        resting: {
          description: 'There is no page whose timers could be starved.',
          meta: { ids: ['R9.18'] },
          always: {
            guard: 'isSomewhereSeen',
            target: 'beating',
            description: 'There is a page after all.',
            meta: { ids: ['R9.18'] },
          },
        },
      },
    },
  },
});
