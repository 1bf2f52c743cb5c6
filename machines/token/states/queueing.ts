/** Waiting for this tab's turn to mint, among the tabs of the browser (R10.4). */
import type { DoneActorEvent } from 'xstate';
import type { TurnOutcome } from '../../events';
import type { Failure } from '../../failure';
import { tokenSetup } from '../setup';
import { servedToCutoff } from './served';

const turn = ({ event }: { readonly event: DoneActorEvent<TurnOutcome> }): { turn: TurnOutcome } => ({
  turn: event.output,
});

/** Behind the guard that looks for it. */
const adopted = ({ event }: { readonly event: DoneActorEvent<TurnOutcome> }) =>
  event.output as Extract<TurnOutcome, { is: 'adopted' }>;

const refused = ({ event }: { readonly event: DoneActorEvent<TurnOutcome> }): { failure: Failure } => ({
  failure: event.output.is === 'refused' ? event.output.failure : { class: 'transient' },
});

/** No request goes out, whatever it is waiting for. */
export const forbidden = [
  {
    guard: 'isOffline',
    target: '#token.offline-retrying',
    actions: { type: 'recordOffline', params: { failure: null } },
    description: 'There is no network: no request is sent.',
    meta: { ids: ['T9', 'S10'] },
  },
  {
    guard: 'isForcedAndRefused',
    target: '#token.fresh',
    actions: 'failForced',
    description:
      'Over another key or tab the server asked to be left alone: whoever forced this gets the error at once.',
    meta: { ids: ['T25', 'R5.8'] },
  },
  {
    guard: 'isRefused',
    target: '#token.fresh',
    description: 'Over another key or tab the server asked to be left alone: not now.',
    meta: { ids: ['R5.8', 'S10'] },
  },
] as const;

export const queueing = tokenSetup.createStateConfig({
  ...servedToCutoff,
  description:
    'No mint in flight: waiting for the lock that all tabs share, and looking whether one of them has minted already.',
  meta: { ids: ['R10.4', 'R10.5', 'S6'] },
  always: forbidden,
  invoke: {
    id: 'turn',
    src: 'turn',
    input: ({ context }) => ({ key: context.key, forced: context.forcedAfter !== null }),
    onDone: [
      {
        guard: { type: 'hasAdopted', params: turn },
        target: '#token.fresh',
        actions: { type: 'adoptFromPeer', params: adopted },
        description: 'Another tab has minted meanwhile: its token is taken over, no request.',
        meta: { ids: ['T23', 'R10.4'] },
      },
      {
        guard: { type: 'isRefusedTurn', params: turn },
        target: '#token.outage-fallback',
        actions: { type: 'putOff', params: refused },
        description: 'No turn, and going without one might spend a single-use credential twice.',
        meta: { ids: ['S6', 'R10.3', 'R10.4', 'R5.16'] },
      },
      {
        guard: { type: 'isRefusedElsewhere', params: turn },
        target: '#token.fresh',
        actions: [{ type: 'noteTries', params: turn }, { type: 'shareTries', params: turn }, 'failReaders'],
        description: 'The server refused another tab a moment ago: the same error, no request.',
        meta: { ids: ['T12', 'R5.28'] },
      },
      {
        guard: { type: 'isHeldOff', params: turn },
        target: '#token.outage-fallback',
        actions: [
          { type: 'noteTries', params: turn },
          { type: 'shareTries', params: turn },
        ],
        description: 'Another tab failed a moment ago: its wait is ours as well.',
        meta: { ids: ['R5.28', 'S9'] },
      },
      {
        guard: { type: 'isWindowSpent', params: turn },
        target: 'spacing',
        actions: { type: 'noteTries', params: turn },
        description: 'All tabs together have tried often enough for a minute.',
        meta: { ids: ['S9', 'R5.28'] },
      },
      {
        guard: { type: 'isGranted', params: turn },
        target: 'minting',
        actions: { type: 'noteTries', params: turn },
        description: "This tab's turn.",
        meta: { ids: ['T6', 'T17', 'R10.4'] },
      },
      {
        target: '#token.fresh',
        description: 'What another tab has is no better any more: the clock decides anew.',
        meta: { ids: ['T23'] },
      },
    ],
    onError: {
      target: '#token.outage-fallback',
      actions: { type: 'putOff', params: { failure: { class: 'transient' } } },
      description: 'The turn actor itself broke; it is written not to.',
      meta: { ids: ['T10'] },
    },
  },
});
