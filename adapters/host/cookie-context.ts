/**
 * What the cookie's companion says, without a secret: whose cookie it is, since which sign-in, or that it was signed out. It
 * decides whether a tab may write (R10.14), and is readable in the same moment as the cookie itself.
 */
import type { Session } from '../../machines/events';
import type { SharedRecord } from '../../machines/ports';
import { activeOf } from './record';

export type CookieContext = {
  /** The epoch of the sign-in that this is about. */
  readonly signInEpoch: number;
  readonly signedOut: boolean;
  readonly sessionHash: string;
  readonly organizationHash: string;
};

/** Whose token is to be written, by a tab of which sign-in, and whether somebody looks at that tab. */
export type Writer = { readonly session: Session; readonly signInEpoch: number; readonly focused: boolean };

export type Permission =
  | 'granted'
  /** Somebody looks at this tab, and another context of this browser is on record: it makes itself the active one first. */
  | 'to-be-claimed'
  /** Another context is active, or somebody else signed in since. */
  | 'denied'
  /** This session was signed out. */
  | 'signed-out';

export const formatContext = (
  epoch: number,
  { signInEpoch, signedOut, sessionHash, organizationHash }: CookieContext,
): string => `1.${epoch}.${signedOut ? 'out' : 'in'}.${signInEpoch}.${sessionHash}.${organizationHash}`;

/** Whose cookie it is said to be by `writer`, where `said` is found. */
export function contextOf({ session, signInEpoch }: Writer, said: CookieContext | undefined): CookieContext {
  const own = activeOf(session);
  // Another tab may have signed in to this session since, as this one has not heard.
  const known = said && !said.signedOut && said.sessionHash === own.sessionHash ? said.signInEpoch : 0;
  return { signInEpoch: Math.max(signInEpoch, known), signedOut: false, ...own };
}

const hashLike = /^[0-9a-f]{16}$/;

/** `undefined` for anything else: anybody may have written it. */
export function parseContext(value: string | undefined): CookieContext | undefined {
  const [version, , state, since, sessionHash = '', organizationHash = ''] = (value ?? '').split('.');
  const signInEpoch = Number(since);
  if (version !== '1' || (state !== 'in' && state !== 'out') || !Number.isSafeInteger(signInEpoch)) return undefined;
  if (!hashLike.test(sessionHash) || !hashLike.test(organizationHash)) return undefined;
  return { signInEpoch, signedOut: state === 'out', sessionHash, organizationHash };
}

/** Whose the cookie is, if the record is all there is to tell. */
export const activeContext = (record: SharedRecord | undefined): CookieContext | undefined =>
  record?.active && { ...record.active, signInEpoch: record.signInEpoch ?? 0, signedOut: false };

/** The same from the shared record, for a cookie without a companion, and to look once more after a write. */
export function recordedContext(record: SharedRecord | undefined, { session }: Writer): CookieContext | undefined {
  const own = activeOf(session);
  const left = record?.signedOut?.[own.sessionHash];
  if (left !== undefined) return { ...own, signInEpoch: left, signedOut: true };
  return activeContext(record);
}

/** Of what companion and record say, what is about the last sign-in: either may have failed to hear of it. Both where they tie. */
export function latestOf(said: readonly (CookieContext | undefined)[]): readonly CookieContext[] {
  const known = said.filter((one) => one !== undefined);
  const latest = Math.max(...known.map(({ signInEpoch }) => signInEpoch));
  return known.filter(({ signInEpoch }) => signInEpoch === latest);
}

/** R10.14, R8.16. */
export function permissionFor(
  { session, signInEpoch, focused }: Writer,
  context: CookieContext | undefined,
): Permission {
  if (!context) return 'granted';
  const { sessionHash, organizationHash } = activeOf(session);
  const isOwn = context.sessionHash === sessionHash;
  if (context.signedOut && isOwn) return context.signInEpoch >= signInEpoch ? 'signed-out' : 'granted';
  if (isOwn && context.organizationHash === organizationHash) return 'granted';
  // Whoever signed in as somebody else took the cookie over, for good.
  if (!isOwn && context.signInEpoch > signInEpoch) return 'denied';
  return focused ? 'to-be-claimed' : 'denied';
}

/** Whether a sign-out of `writer` may remove the cookie: not where it is somebody else's by now (R8.10). */
export function mayClear({ session, signInEpoch }: Writer, context: CookieContext | undefined): boolean {
  if (!context || context.signedOut) return true;
  return context.signInEpoch <= signInEpoch && context.sessionHash === activeOf(session).sessionHash;
}
