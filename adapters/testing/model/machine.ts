/** What somebody who uses an app lives through, seen from outside: no timers, no requests, only what they would tell you. */
import { assign, setup } from 'xstate';

/** What happens to the app. Some come with a case: how exactly. */
export type ModelEvent =
  | { readonly type: 'time.passes' }
  | { readonly type: 'network.lost' }
  | { readonly type: 'network.back' }
  | { readonly type: 'origin.fails'; readonly status: number }
  | { readonly type: 'origin.recovers' }
  | { readonly type: 'token.refused' }
  | { readonly type: 'page.hidden' }
  | { readonly type: 'page.seen' }
  | { readonly type: 'page.reloads' }
  | { readonly type: 'session.revoked' }
  | { readonly type: 'user.signs-out' }
  | { readonly type: 'user.signs-in' };

export type ModelEventType = ModelEvent['type'];

/** What is wrong around the app, also while nobody is signed in. */
type Trouble = 'none' | 'network' | 'origin';

const modelSetup = setup({
  types: {
    context: {} as { readonly trouble: Trouble },
    events: {} as ModelEvent,
  },
  guards: {
    isCalm: ({ context }) => context.trouble === 'none',
    isOffline: ({ context }) => context.trouble === 'network',
    isOutage: ({ context }) => context.trouble === 'origin',
  },
  actions: {
    meet: assign((_, params: { readonly trouble: Trouble }) => params),
  },
});

const meets = (trouble: Trouble) => ({ type: 'meet', params: { trouble } }) as const;
const signsOut = { 'user.signs-out': 'signed-out' } as const;
const networkBack = { 'network.back': { target: 'fresh', actions: meets('none') } } as const;
const originBack = { 'origin.recovers': { target: 'fresh', actions: meets('none') } } as const;

/** The states that a user can tell apart. `time.passes` is at least one whole life of a token. */
export const modelMachine = modelSetup.createMachine({
  id: 'app',
  context: { trouble: 'none' },
  initial: 'fresh',
  states: {
    fresh: {
      description: 'signed in, and all is well: calls are answered',
      on: {
        'time.passes': 'fresh',
        'token.refused': 'fresh',
        'page.reloads': 'fresh',
        'page.hidden': 'hidden',
        'network.lost': { target: 'offline', actions: meets('network') },
        'origin.fails': { target: 'outage', actions: meets('origin') },
        'session.revoked': 'signed-out',
        ...signsOut,
      },
    },
    hidden: {
      description: 'signed in, in a page that nobody looks at',
      on: { 'time.passes': 'hidden', 'page.seen': 'fresh' },
    },
    offline: {
      description: 'without a network, with a token that is still good',
      on: { 'time.passes': 'offline-expired', ...networkBack, ...signsOut },
    },
    'offline-expired': {
      description: 'without a network for longer than a token lives: calls wait or fail, the user stays signed in',
      on: { 'time.passes': 'offline-expired', ...networkBack, ...signsOut },
    },
    outage: {
      description: 'the origin fails, and the token is still good',
      on: { 'time.passes': 'outage-expired', ...originBack, ...signsOut },
    },
    'outage-expired': {
      description: 'the origin has failed for longer than a token lives: calls wait or fail, the user stays signed in',
      on: { 'time.passes': 'outage-expired', ...originBack, ...signsOut },
    },
    'signed-out': {
      description: 'signed out: no token, no cookie, no request',
      on: {
        'time.passes': 'signed-out',
        'network.back': { guard: 'isOffline', target: 'signed-out', actions: meets('none') },
        'origin.recovers': { guard: 'isOutage', target: 'signed-out', actions: meets('none') },
        'user.signs-in': { guard: 'isCalm', target: 'fresh' },
      },
    },
  },
});

export type ModelStateName =
  | 'fresh'
  | 'hidden'
  | 'offline'
  | 'offline-expired'
  | 'outage'
  | 'outage-expired'
  | 'signed-out';

/** In the order in which the machine has them. */
export const modelStates = Object.keys(modelMachine.states) as readonly ModelStateName[];

export const modelEvents: readonly ModelEventType[] = [
  'time.passes',
  'network.lost',
  'network.back',
  'origin.fails',
  'origin.recovers',
  'token.refused',
  'page.hidden',
  'page.seen',
  'page.reloads',
  'session.revoked',
  'user.signs-out',
  'user.signs-in',
];
