/** A session that nothing happens with: its token, and how long that may be handed out without asking anybody. */
import type { Session } from '../../../machines/events';
import { staleAtMs, type TokenFacts } from '../../../machines/held-token';
import type { RefreshPolicy } from '../../../machines/policy';
import type { Clock, SharedRecord } from '../../../machines/ports';
import type { LifecycleState } from '../../host/types';
import { decodeToken } from '../../token/decode';

export type Entry = {
  readonly session: Session;
  token: string | null;
  /** When the next two were computed, on both clocks. */
  wallMs: number;
  monotonicMs: number;
  /** Served without anything else, for so long. */
  freshForMs: number;
  /** Served, while it is being replaced. */
  usableForMs: number;
  unexpiredForMs: number;
  /** What is stored beside the token, where no cache is shared: a credential, other keys. */
  secrets: Map<string, string> | null;
  /** What is remembered of a session in trouble, where no store is shared. */
  record: SharedRecord | undefined;
  /** Signed in here, which the shared record does not know yet: a sign-out in it is an older one. */
  isNew: boolean;
};

export const createEntry = (session: Session): Entry => ({
  session,
  token: null,
  wallMs: 0,
  monotonicMs: 0,
  freshForMs: 0,
  usableForMs: 0,
  unexpiredForMs: 0,
  secrets: null,
  record: undefined,
  isNew: false,
});

/** The larger of two: one clock may have been set back, the other may have stood still. */
export const ageMs = ({ wallMs, monotonicMs }: Entry, clock: Clock): number =>
  Math.max(clock.now() - wallMs, clock.monotonicNow() - monotonicMs);

/** Nothing may be served until it has been looked at. */
export function suspend(entry: Entry): void {
  Object.assign(entry, { freshForMs: 0, usableForMs: 0, unexpiredForMs: 0 });
}

type Span = { readonly staleAt: number; readonly expiresAt: number; readonly offsetMs: number };

function open(entry: Entry, { staleAt, expiresAt, offsetMs }: Span, policy: RefreshPolicy, clock: Clock): void {
  const wallMs = clock.now();
  const nowMs = wallMs + offsetMs;
  // The lead is half the lifetime where that is short, and so is the cutoff.
  const cutoffMs = Math.min(policy.cutoffMs, expiresAt - staleAt);
  entry.wallMs = wallMs;
  entry.monotonicMs = clock.monotonicNow();
  entry.freshForMs = staleAt - nowMs;
  entry.usableForMs = expiresAt - cutoffMs - nowMs;
  entry.unexpiredForMs = expiresAt - nowMs;
}

/** As the machine sees it. @param token what `peek()` gave: an expired one is kept, since an edge may want it in an outage */
export function foldInto(
  entry: Entry,
  token: string | null,
  state: LifecycleState,
  policy: RefreshPolicy,
  clock: Clock,
): void {
  if (token !== null) entry.token = token;
  const { staleAt, expiresAt, clockOffsetMs: offsetMs, serving } = state;
  if (token === null || !serving || staleAt === null || expiresAt === null) suspend(entry);
  else open(entry, { staleAt, expiresAt, offsetMs }, policy, clock);
}

/**
 * A token that somebody brought along with a sign-in.
 *
 * @throws InvalidTokenError for what is no JWT
 */
export function giveTo(entry: Entry, token: string, offsetMs: number, policy: RefreshPolicy, clock: Clock): void {
  const { issuedAt, expiresAt } = decodeToken(token);
  entry.token = token;
  suspend(entry);
  // One that does not say when it began, or that begins in the future, is for the machine to judge.
  if (issuedAt === null || expiresAt === null || issuedAt > clock.now() + offsetMs) return;
  const facts: Pick<TokenFacts, 'issuedAt' | 'expiresAt'> = { issuedAt, expiresAt };
  open(entry, { staleAt: staleAtMs(facts, policy), expiresAt, offsetMs }, policy, clock);
}
