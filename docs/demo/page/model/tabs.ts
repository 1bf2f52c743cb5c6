import type { LifecycleState, TokenLifecycle } from '../../../../index';
import { createStore, type Store } from '../../store';

/** A page of this demo in this browser. */
export type Tab = {
  readonly id: string;
  readonly openedAt: number;
  readonly state: LifecycleState['state'];
  readonly fingerprint: string | null;
  /** Where its token came from: minted by itself, handed over by another tab, kept in the cookie. */
  readonly from: string | null;
  readonly presence: 'focused' | 'visible' | 'hidden';
};

export type Tabs = {
  readonly id: string;
  /** Oldest first. */
  readonly list: Store<readonly Tab[]>;
  start(): () => void;
};

const prefix = 'token-lifecycle-demo-tab:';
const lookEveryMs = 1_000;

const presenceNow = (): Tab['presence'] =>
  document.visibilityState === 'hidden' ? 'hidden' : document.hasFocus() ? 'focused' : 'visible';

/**
 * The open tabs. Each holds a lock of its own name for as long as it lives, so that a tab that crashed is known to be gone; what
 * it does, it tells by messages.
 */
export function createTabs(tokens: TokenLifecycle): Tabs {
  const id = crypto.randomUUID();
  const openedAt = Date.now();
  const known = new Map<string, Tab>();
  let from: string | null = null;
  const self = (): Tab => {
    const { state, fingerprint } = tokens.getState();
    return { id, openedAt, state, fingerprint, from: fingerprint && from, presence: presenceNow() };
  };
  const list = createStore<readonly Tab[]>([self()]);

  const show = (): void => {
    known.set(id, self());
    const next = [...known.values()].sort((a, b) => a.openedAt - b.openedAt);
    if (JSON.stringify(next) !== JSON.stringify(list.get())) list.set(next);
  };

  function start(): () => void {
    const channel = new BroadcastChannel('token-lifecycle-demo-tabs');
    const leaving = new AbortController();
    const { signal } = leaving;
    const tell = (): void => {
      show();
      channel.postMessage(self());
    };
    channel.onmessage = ({ data }: MessageEvent<Tab | 'who'>) => {
      if (data === 'who') return channel.postMessage(self());
      known.set(data.id, data);
      show();
    };
    const look = async (): Promise<void> => {
      const { held = [] } = await navigator.locks.query();
      const alive = new Set(held.map(({ name = '' }) => name.replace(prefix, '')));
      for (const one of known.keys()) if (one !== id && !alive.has(one)) known.delete(one);
      show();
    };
    const stay = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    navigator.locks.request(prefix + id, { signal }, () => stay).catch(() => undefined);
    const timer = setInterval(() => void look(), lookEveryMs);
    for (const type of ['focus', 'blur'] as const) window.addEventListener(type, tell, { signal });
    document.addEventListener('visibilitychange', tell, { signal });
    const unsubscribe = [
      tokens.on('token.updated', (event) => {
        from = event.from;
        tell();
      }),
      tokens.subscribe(tell),
    ];
    channel.postMessage('who');
    tell();
    return () => {
      clearInterval(timer);
      leaving.abort();
      for (const end of unsubscribe) end();
      channel.close();
    };
  }

  return { id, list, start };
}
