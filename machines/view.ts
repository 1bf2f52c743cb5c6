/** Snapshots as users see them. The only reader of snapshots above the machines. */
import type { SnapshotFrom } from 'xstate';
import type { Failure } from './failure';
import { staleAtMs } from './held-token';
import type { sessionMachine } from './session/machine';
import type { Status } from './token/context';
import { isPausing } from './token/laws';
import type { tokenMachine } from './token/machine';

export type SessionSnapshot = SnapshotFrom<typeof sessionMachine>;
export type TokenSnapshot = SnapshotFrom<typeof tokenMachine>;

/** What the machine is doing (lifecycle.md §2). */
export type StateName =
  | 'restoring'
  | 'fresh'
  | 'stale'
  | 'refreshing'
  | 'offline-retrying'
  | 'outage-fallback'
  | 'signed-out';

/** One key as seen from outside. Times in epoch ms; no token. */
export type TokenView = {
  readonly state: StateName;
  /** The part of the state that is active: `minting`, `backing-off`, …; `null` where there are no parts. */
  readonly substate: string | null;
  readonly status: Status;
  /** Readers are served from the held token. */
  readonly serving: boolean;
  /** The held token's `exp`, on the server's clock. */
  readonly expiresAt: number | null;
  /** When it turns stale, on the server's clock. */
  readonly staleAt: number | null;
  /** The held token's fingerprint. */
  readonly fingerprint: string | null;
  /** The mint that runs or failed last, counting from 1 after a success; 0 while all is well. */
  readonly attempt: number;
  /** When it tries again by itself, on the local clock; `null` where nothing is put off. */
  readonly nextAttemptAt: number | null;
  readonly failure: Failure | null;
  readonly sessionId: string | null;
  readonly organizationId: string | null;
  /** Estimated server time minus the local wall clock. */
  readonly clockOffsetMs: number;
  /** The origin is in an outage; an edge mints from the last token. */
  readonly outage: boolean;
  readonly epoch: number;
};

const partOf = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return null;
  const inner = Object.values(value)[0];
  if (typeof inner === 'string') return inner === 'serving' || inner === 'waiting' ? null : inner;
  return typeof inner === 'object' && inner !== null ? (Object.keys(inner)[0] ?? null) : null;
};

const stateOf = ({ value }: TokenSnapshot): StateName =>
  (typeof value === 'string' ? value : Object.keys(value)[0]) as StateName;

/** Before anything is known. */
export const blankView: TokenView = Object.freeze({
  state: 'restoring',
  substate: null,
  status: 'ok',
  serving: false,
  expiresAt: null,
  staleAt: null,
  fingerprint: null,
  attempt: 0,
  nextAttemptAt: null,
  failure: null,
  sessionId: null,
  organizationId: null,
  clockOffsetMs: 0,
  outage: false,
  epoch: 0,
});

/** A key before anything is known of it, or after sign-out. */
function empty(session: SessionSnapshot): TokenView {
  const { epoch, session: known, clock } = session.context;
  return {
    ...blankView,
    state: session.hasTag('signed-out') ? 'signed-out' : 'restoring',
    sessionId: known?.id ?? null,
    organizationId: known?.organizationId ?? null,
    clockOffsetMs: clock.offsetMs,
    epoch,
  };
}

/** The view of one key; `token` is `undefined` before the key has a machine. */
export function viewOf(session: SessionSnapshot, token: TokenSnapshot | undefined): TokenView {
  if (!token) return empty(session);
  const { context } = token;
  const state = stateOf(token);
  if (state === 'signed-out') return { ...empty(session), state };
  const substate = partOf(token.value);
  const minting = substate === 'minting' || substate === 'presenting-expired-token';
  const pause = state === 'offline-retrying' ? context.check : isPausing(context) ? context.pause : null;
  return {
    ...empty(session),
    state,
    substate,
    status: context.status,
    serving: token.hasTag('serving'),
    expiresAt: context.held?.expiresAt ?? null,
    staleAt: context.held ? staleAtMs(context.held, context.policy) : null,
    fingerprint: context.held?.fingerprint ?? null,
    attempt: context.failedTries + (minting ? 1 : 0),
    nextAttemptAt: pause ? pause.since.wallMs + pause.ms : null,
    failure: context.error,
    sessionId: context.key.sessionId,
    organizationId: context.key.organizationId ?? null,
    clockOffsetMs: context.clock.offsetMs,
    outage: context.outage.marked,
  };
}

/** Equal in everything that users can see. */
export function sameView(a: TokenView, b: TokenView): boolean {
  return (Object.keys(a) as (keyof TokenView)[]).every((name) => Object.is(a[name], b[name]));
}
