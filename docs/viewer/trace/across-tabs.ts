/**
 * Tabs speak over a channel that no inspector sees: what arrives looks as if it came from nowhere. A token that is handed
 * over has a fingerprint, and whoever holds that token already is where it came from.
 */
import { type ActorEvent, isRecord } from '../protocol';
import { lastOf } from './last';
import type { ActorKey, Trace } from './types';

const fingerprintIn = (value: unknown): unknown => (isRecord(value) ? value.fingerprint : undefined);

const heldBy = (context: unknown): unknown => (isRecord(context) ? fingerprintIn(context.held) : undefined);

/** The actor in another tab that a `peer.…` event comes from, or `undefined` where that cannot be told. */
export function senderInAnotherTab(trace: Trace, source: string, event: ActorEvent): ActorKey | undefined {
  if (!event.type.startsWith('peer.')) return undefined;
  const others = Object.values(trace.actors).filter((actor) => actor.source !== source);
  const fingerprint = fingerprintIn(event.token);
  if (fingerprint !== undefined) return others.find(({ snapshot }) => heldBy(snapshot.context) === fingerprint)?.key;
  // A sign-out: the last one in another tab is the one that was heard of.
  const known = new Set(others.map(({ key }) => key));
  return lastOf(
    trace.entries,
    (entry) => entry.is === 'step' && known.has(entry.actor) && entry.event.type === 'session.ended',
  )?.actor;
}
