// Compiled against the built declarations, with `skipLibCheck` off: what is published has to type-check at the user's.
import {
  createTokenLifecycle,
  httpTokenSource,
  type LifecycleState,
  OfflineError,
  type sessionMachine,
  tokenMachine,
} from 'token-lifecycle';
import { createActor, type SnapshotFrom } from 'xstate';

const tokens = createTokenLifecycle({ source: httpTokenSource({ url: 'https://auth.example.com/tokens' }) });
const state: LifecycleState = tokens.getState();
const epoch: number = tokens.actor.getSnapshot().context.epoch;

const actor = createActor(tokenMachine, {
  input: {
    key: { sessionId: 'sess_1' },
    seen: {
      now: { wallMs: 0, monotonicMs: 0 },
      online: true,
      presence: 'headless',
      hiddenSince: null,
      roll: 0,
      woke: false,
    },
  },
});
const held: number | undefined = actor.getSnapshot().context.held?.generation;
// @ts-expect-error A fingerprint is a string.
const wrong: number | undefined = actor.getSnapshot().context.held?.fingerprint;
const backingOff: boolean = actor.getSnapshot().matches({ 'outage-fallback': 'backing-off' });
const session: SnapshotFrom<typeof sessionMachine> = tokens.actor.getSnapshot();

export const used = [state, epoch, held, wrong, backingOff, session, OfflineError.is(null)];
