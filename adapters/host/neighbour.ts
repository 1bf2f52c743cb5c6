/** What a run hears from the other tabs of its browser: by message, and from the shared record. */
import type { Actor } from 'xstate';
import type { SharedRecord, TokenKey } from '../../machines/ports';
import type { sessionMachine } from '../../machines/session/machine';
import type { Elsewhere } from './elsewhere';
import type { Slot } from './keys';
import type { Names } from './names';
import type { Neighbour } from './peers';
import type { RecordKeeper } from './record';
import type { Vault } from './vault';

type Deps = {
  readonly names: Names;
  readonly record: RecordKeeper;
  readonly vault: Vault;
  readonly slots: ReadonlyMap<string, Slot>;
  actor(): Actor<typeof sessionMachine>;
  elsewhere(): Elsewhere;
  isRunning(): boolean;
  longestMs(): number | null;
  tick(): void;
};

export type Listening = Neighbour & {
  /** What other tabs wrote down while this one did not listen (T26, T27). */
  lookAtRecord(starting?: boolean): Promise<void>;
  /** The record was read: the machines hear of it. */
  tellRecord(found: SharedRecord): void;
};

/** Templates may name another subject; session tokens of two organizations speak of the same user. */
const isSessionTokenOf = (sessionId: string, key: TokenKey): boolean =>
  key.sessionId === sessionId && key.template === undefined;

export function createNeighbour(deps: Deps): Listening {
  const { names, record, vault, slots, actor, elsewhere, isRunning, longestMs, tick } = deps;

  function tellRecord(found: SharedRecord, starting = false): void {
    if (!isRunning()) return;
    const { session } = actor().getSnapshot().context;
    actor().send({ type: 'record.read', remembered: record.remembered(found, session, starting) });
  }

  async function lookAtRecord(starting = false): Promise<void> {
    const before = actor().getSnapshot();
    // Whoever is still restoring reads it anyway, and decides what an earlier sign-out means.
    if (!before.hasTag('signed-in')) return;
    const { session } = before.context;
    const found = await record.read();
    // Read before somebody signed in here, it says nothing about them.
    if (found.ok && found.value && actor().getSnapshot().context.session === session) tellRecord(found.value, starting);
  }

  async function lookForToken(slot: Slot, fingerprint: string): Promise<void> {
    // How long an opaque token lives is there.
    const found = await record.read();
    if (!found.ok || !isRunning()) return;
    const token = await elsewhere().look(slot, fingerprint);
    if (!token || !isRunning()) return;
    tick();
    slot.actor.send({ type: 'peer.token', token, clock: null });
    if (slot.held?.generation !== token.generation) vault.drop(token.generation);
  }

  return {
    lookAtRecord,
    tellRecord,
    session: () => actor().getSnapshot(),
    slot: (name) => [...slots.values()].find(({ key }) => names.token(key) === name),
    longestMs,
    beside: (slot) =>
      [...slots.values()].flatMap((one) =>
        one !== slot &&
        one.token !== null &&
        isSessionTokenOf(slot.key.sessionId, slot.key) &&
        isSessionTokenOf(slot.key.sessionId, one.key)
          ? [one.token]
          : [],
      ),
    tick,
    outage: (marked) => {
      if (actor().getSnapshot().context.outageMarked !== marked) {
        actor().send({ type: 'outage.noticed', marked, by: '' });
      }
    },
    lookForToken: (slot, fingerprint) => void lookForToken(slot, fingerprint),
    signedOut: (epoch, at) => {
      tick();
      actor().send({ type: 'peer.signed-out', epoch, ...(at !== undefined && { at }) });
    },
    rejected: (fingerprint) => {
      tick();
      for (const slot of slots.values()) slot.actor.send({ type: 'token.rejected', fingerprint });
    },
  };
}
