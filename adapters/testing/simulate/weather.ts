/** Spells of trouble that have begun and not ended: what the world asks at every operation. */
import type { ServerBehaviour } from '../token-server/behaviour';
import type { Operation } from '../token-server/request';
import type {
  LockFault,
  MessageFault,
  NetworkFault,
  StorageFault,
  StorageOperation,
  WorldFaults,
} from '../world/faults';

type Spell<Fault> = { readonly fault: Fault; readonly until: number; readonly every: number; met: number };

type Storage = { readonly adapter: StorageOperation['adapter']; readonly fault: StorageFault };

type ServerTrouble = { readonly answers: ServerBehaviour; readonly all: boolean };

/** The spells of one kind. One operation can meet only one of them: the newest that hits it. */
function createSpells<Fault>(now: () => number) {
  let spells: Spell<Fault>[] = [];
  return {
    begin: (fault: Fault, forMs: number, every: number): void => {
      spells = [{ fault, until: now() + forMs, every, met: 0 }, ...spells.filter(({ until }) => until > now())];
    },
    /** @param concerns whether a spell is about this operation at all */
    meet: (concerns: (fault: Fault) => boolean = () => true): Fault | null => {
      if (spells.length === 0) return null;
      for (const spell of spells) {
        if (spell.until <= now() || !concerns(spell.fault)) continue;
        spell.met += 1;
        if (spell.met % spell.every === 0) return spell.fault;
      }
      return null;
    },
    end: (): void => {
      spells = [];
    },
  };
}

/** @param now true ms since the world began */
export function createWeather(now: () => number) {
  const network = createSpells<NetworkFault>(now);
  const messages = createSpells<MessageFault>(now);
  const storage = createSpells<Storage>(now);
  const locks = createSpells<LockFault>(now);
  const server = createSpells<ServerTrouble>(now);
  const faults: WorldFaults = {
    network: () => network.meet(),
    message: () => messages.meet(),
    storage: ({ adapter }) => storage.meet((spell) => spell.adapter === adapter)?.fault,
    lock: () => locks.meet(),
  };
  return {
    faults,
    network,
    messages,
    storage,
    locks,
    server,
    /** How the server answers now. */
    behave: ({ op }: { readonly op: Operation }): ServerBehaviour =>
      server.meet(({ all }) => all || op === 'mint')?.answers ?? { do: 'mint' },
    clear: (): void => {
      for (const spells of [network, messages, storage, locks, server]) spells.end();
    },
  };
}

export type Weather = ReturnType<typeof createWeather>;
