/** A small app without a page: notes behind an API that wants a token. What `page.ts` shows, and what tests drive. */
import {
  type Connectivity,
  createTokenFetch,
  createTokenLifecycle,
  type FetchLike,
  httpTokenSource,
  type LifecycleOptions,
  type TokenLifecycle,
} from '../../../index';

export type NotesOptions = {
  /** Where the server is. */
  readonly url: string;
  readonly connectivity: Connectivity;
  /** Where the app remembers who is signed in; no secret. */
  readonly memory: { get(): string | null; set(session: string | null): void };
  readonly fetch: FetchLike;
} & Partial<Pick<LifecycleOptions, 'clock' | 'presence' | 'cache' | 'policy'>>;

/** What the user sees beside the notes. */
export type Badge = 'ready' | 'offline' | 'trouble' | 'signed out';

export type NotesApp = {
  readonly tokens: TokenLifecycle;
  badge(): Badge;
  load(): Promise<readonly string[]>;
  signIn(session: string): void;
  signOut(): Promise<void>;
};

export function createNotesApp({ url, memory, fetch, connectivity, ...rest }: NotesOptions): NotesApp {
  const session = memory.get();
  const ask = (input: string, init: RequestInit): Promise<Response> => fetch(input, init);
  const tokens = createTokenLifecycle({
    session: session === null ? null : { id: session },
    source: httpTokenSource({ url: `${url}/auth/tokens`, sessionUrl: `${url}/auth/session`, fetch: ask }),
    connectivity,
    ...rest,
  });
  const api = createTokenFetch(tokens, { origins: [url], fetch });
  tokens.on('session.signedOut', () => memory.set(null));

  return {
    tokens,
    badge: () => {
      const { state, status } = tokens.getState();
      if (state === 'signed-out') return 'signed out';
      if (!connectivity.isOnline()) return 'offline';
      return status === 'ok' ? 'ready' : 'trouble';
    },
    load: async () => {
      const response = await api(`${url}/api/notes`);
      if (!response.ok) throw new Error(`The notes could not be read: ${response.status}.`);
      return (await response.json()) as readonly string[];
    },
    signIn: (id) => {
      memory.set(id);
      tokens.signIn({ session: { id } });
    },
    signOut: async () => {
      await tokens.signOut();
    },
  };
}
