/** One slot per key: its machine, its readers, and the window in which a read needs neither. */
import type { ActorRefFrom } from 'xstate';
import { TokenRequestError } from '../../machines/errors';
import type { TokenEmitted } from '../../machines/events';
import type { Failure } from '../../machines/failure';
import { cutoffMs, isUnexpired, leadMs, type TokenFacts } from '../../machines/held-token';
import { keyLabel } from '../../machines/key';
import type { TokenKey } from '../../machines/ports';
import { serverNowMs } from '../../machines/server-time';
import { momentOf } from '../../machines/token/laws';
import type { tokenMachine } from '../../machines/token/machine';
import type { TokenSnapshot } from '../../machines/view';
import { createReaders, type Readers } from './readers';
import type { Vault } from './vault';

export type TokenActor = ActorRefFrom<typeof tokenMachine>;

export type Slot = {
  readonly id: string;
  readonly key: TokenKey;
  readonly label: string;
  readonly actor: TokenActor;
  readonly readers: Readers;
  /** The held token, and a promise of it that every served read shares. */
  token: string | null;
  served: Promise<string> | null;
  /** Until then (local epoch ms) a read is served without an event. */
  servedUntil: number;
  /** Until then `peek` gives the held token. */
  unexpiredUntil: number;
  /** Served since the machine was last told. */
  used: boolean;
  held: TokenFacts | null;
  /** What readers got last when the machine gave up on them; the next ones get the same while it stays so. */
  refusal: Error | null;
};

export function createSlot(actor: TokenActor, key: TokenKey): Slot {
  return {
    id: actor.id,
    key,
    label: keyLabel(key),
    actor,
    readers: createReaders(),
    token: null,
    served: null,
    servedUntil: 0,
    unexpiredUntil: 0,
    used: false,
    held: null,
    refusal: null,
  };
}

/** How much of a token's life the state gives to readers without an event: in `stale` a read has to start the refresh. */
function keptBackMs(snapshot: TokenSnapshot, held: TokenFacts): number {
  if (!snapshot.hasTag('serving') || snapshot.matches('stale')) return Number.POSITIVE_INFINITY;
  if (snapshot.matches('fresh')) return leadMs(held, snapshot.context.policy);
  return snapshot.matches('refreshing') ? cutoffMs(held, snapshot.context.policy) : 0;
}

/** Brings the slot up to date with its machine. Returns the token that is held now and was not before. */
export function refreshSlot(slot: Slot, snapshot: TokenSnapshot, vault: Vault): TokenFacts | null {
  const { held, clock, seen } = snapshot.context;
  if (!held) {
    Object.assign(slot, { token: null, served: null, servedUntil: 0, unexpiredUntil: 0, held: null });
    return null;
  }
  const isNew = held.generation !== slot.held?.generation;
  if (isNew) {
    slot.token = vault.get(held.generation) ?? null;
    slot.served = slot.token === null ? null : Promise.resolve(slot.token);
  }
  slot.held = held;
  const offsetMs = serverNowMs(clock, seen.now) - seen.now.wallMs;
  // Seen expired, it stays so until the machine says otherwise: a wall clock that is set back does not revive it.
  const isAlive = isUnexpired(held, momentOf(snapshot.context));
  slot.unexpiredUntil = isAlive ? held.expiresAt - offsetMs : 0;
  slot.servedUntil = slot.unexpiredUntil - keptBackMs(snapshot, held);
  if (slot.token !== null && snapshot.hasTag('serving') && isAlive) {
    slot.readers.serve(slot.token);
  }
  return isNew ? held : null;
}

/** Settles readers by what the machine says. `errorOf` makes the error; `isUnexpiredNow` is the last resort of R4.6. */
export function settleReaders(
  slot: Slot,
  event: TokenEmitted,
  vault: Vault,
  isUnexpiredNow: () => boolean,
  errorOf: (failure: Failure) => Error,
): void {
  if (event.type === 'mint.succeeded') {
    const token = vault.get(event.generation);
    if (token !== undefined) slot.readers.serveForced(event.number, token);
    // About to expire, and there is no better one: those who waited for this mint get it (R4.6).
    if (slot.token !== null && isUnexpiredNow()) slot.readers.serve(slot.token);
  }
  if (event.type === 'reads.failed') {
    const refusal = errorOf(event.failure);
    const error = () => refusal;
    slot.refusal = refusal;
    if (event.readers !== 'plain') slot.readers.rejectForced(error);
    if (event.readers === 'forced') return;
    if (slot.token !== null && isUnexpiredNow()) slot.readers.serve(slot.token);
    else slot.readers.rejectPlain(error);
  }
}

/** The key's session is no longer the active one: whoever waits for it is told. */
export function abandonReaders(slot: Slot): void {
  const error = () => new TokenRequestError('The session was switched meanwhile.', { failure: 'aborted' });
  slot.readers.rejectPlain(error);
  slot.readers.rejectForced(error);
}
