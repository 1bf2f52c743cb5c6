/** Cache and store as one session sees them: shared with other processes, or a few fields of its entry. */
import { keyOf } from '../../../machines/key';
import type { SharedRecord, SharedStore, TokenCache } from '../../../machines/ports';
import { createNames, type Names } from '../../host/names';
import { activeOf } from '../../host/record';
import { hashName } from '../../token/fingerprint';
import type { Entry } from './entry';

/** Where processes that share sessions meet. */
export type Shared = { readonly cache: TokenCache; readonly store: SharedStore };

/** What the shared record says of the session. */
export type Told = { signedOutElsewhere(): void; recorded(): void };

export type Cell = {
  readonly namespace: string;
  readonly names: Names;
  readonly cache: TokenCache;
  readonly store: SharedStore;
};

/** Each session has a record of its own, as each browser has. */
export const namespaceOf = (namespace: string, sessionId: string): string => `${namespace}:${hashName(sessionId)}`;

/** Under this name other processes find whose session an id is. */
export const whoseName = (names: Names, sessionId: string): string => `${names.sessionPrefix(sessionId)}session`;

/** A credential stays until it is spent, and a session until it ends. */
export const lasting = { expiresAt: Number.MAX_SAFE_INTEGER };

function ownCell(entry: Entry, names: Names): Shared {
  const tokenName = names.token(keyOf(entry.session));
  return {
    cache: {
      get: (name) => (name === tokenName ? (entry.token ?? undefined) : entry.secrets?.get(name)),
      set: (name, value) => {
        // The token itself is in the entry already, with how long it may be served.
        if (name === tokenName || name === names.activeToken) return;
        entry.secrets ??= new Map();
        entry.secrets.set(name, value);
      },
      deleteAll: (prefix) => {
        if (tokenName.startsWith(prefix)) entry.token = null;
        for (const name of entry.secrets?.keys() ?? []) if (name.startsWith(prefix)) entry.secrets?.delete(name);
      },
    },
    store: {
      consistency: 'ordered',
      read: async () => entry.record,
      update: async (_, change) => {
        entry.record = change(entry.record);
        return entry.record;
      },
    },
  };
}

/**
 * What one process remembers helps out where the cache has nothing; and a session that was signed out elsewhere stays so: a
 * machine that starts would take itself for a new sign-in.
 */
function sharedCell(
  entry: Entry,
  names: Names,
  { cache, store }: Shared,
  { signedOutElsewhere, recorded }: Told,
): Shared {
  const tokenName = names.token(keyOf(entry.session));
  const { sessionHash } = activeOf(entry.session);
  const isOver = (record: SharedRecord | undefined): boolean =>
    !entry.isNew && record?.signedOut?.[sessionHash] !== undefined;
  const look = (record: SharedRecord | undefined): SharedRecord | undefined => {
    if (isOver(record)) signedOutElsewhere();
    return record;
  };
  const credentialName = names.credential(entry.session.id);

  /** A credential that could not be stored is the only one that is good: it is kept here until it is. */
  async function setCredential(value: string): Promise<void> {
    entry.secrets = new Map([[credentialName, value]]);
    await cache.set(credentialName, value, lasting);
    if (entry.secrets?.get(credentialName) === value) entry.secrets = null;
  }

  async function getCredential(): Promise<string | undefined> {
    const unsaved = entry.secrets?.get(credentialName);
    if (unsaved === undefined) return cache.get(credentialName);
    await setCredential(unsaved);
    return unsaved;
  }

  /** What is held here goes on being served while the cache is away. */
  async function getToken(): Promise<string | undefined> {
    const { token } = entry;
    if (token === null) return cache.get(tokenName);
    try {
      return (await cache.get(tokenName)) ?? token;
    } catch {
      return token;
    }
  }

  return {
    cache: {
      get: (name) => {
        if (name === names.activeToken) return undefined;
        if (name === credentialName) return getCredential();
        return name === tokenName ? getToken() : cache.get(name);
      },
      set: (name, value, options) => {
        if (name === names.activeToken) return undefined;
        return name === credentialName ? setCredential(value) : cache.set(name, value, options);
      },
      deleteAll: (prefix) => {
        if (credentialName.startsWith(prefix)) entry.secrets = null;
        return cache.deleteAll(prefix);
      },
    },
    store: {
      consistency: store.consistency,
      read: async (key) => look(await store.read(key)),
      update: async (key, change) => {
        const written = look(await store.update(key, (now) => (now && isOver(now) ? now : change(now))));
        if (entry.isNew && written?.active?.sessionHash === sessionHash && !written.signedOut?.[sessionHash]) {
          entry.isNew = false;
          recorded();
        }
        return written;
      },
    },
  };
}

export function createCell(entry: Entry, namespace: string, shared: Shared | undefined, told: Told): Cell {
  const own = namespaceOf(namespace, entry.session.id);
  const names = createNames(own);
  const { cache, store } = shared ? sharedCell(entry, names, shared, told) : ownCell(entry, names);
  return { namespace: own, names, cache, store };
}
