import { checkFunction, checkKnown, checkMethods, checkObject, checkText } from '../../machines/check';
import { ConfigurationError } from '../../machines/errors';
import type { TokenChannel } from '../../machines/ports';
import { createListeners, tellAll } from './listeners';
import { holdsSecret } from './secrets';

/** What this adapter uses of `Storage`. */
export type NoticeStorage = Pick<Storage, 'setItem' | 'removeItem'>;

/** What this adapter uses of a window. */
export type NoticeWindow = {
  addEventListener(type: 'storage', run: (event: Event) => void): void;
  removeEventListener(type: 'storage', run: (event: Event) => void): void;
};

export type StorageEventChannelOptions = {
  /** Default `localStorage`. A function is called on each use: merely touching `localStorage` may throw. */
  readonly storage?: NoticeStorage | (() => NoticeStorage);
  /** Hears of changes by other tabs. Default: the global one, looked up on use. */
  readonly window?: NoticeWindow;
  /** The one key that is used, and empty again after each notice. Default `token-lifecycle:notice`. */
  readonly key?: string;
};

type Platform = { localStorage?: NoticeStorage; window?: NoticeWindow };
type Notice = { readonly v: 1; readonly nonce: string; readonly message: unknown };

const missing = (code: string, what: string): Error => Object.assign(new Error(`There is no ${what} here.`), { code });

/** Every script of the origin can write the key: what is not a notice of ours is none. */
function parseNotice(text: string | null): { readonly message: unknown } | undefined {
  try {
    const found = JSON.parse(text ?? 'null') as Partial<Record<keyof Notice, unknown>> | null;
    return found?.v === 1 ? { message: found.message } : undefined;
  } catch {
    return undefined;
  }
}

function checkNotice(message: unknown): void {
  const option = 'storageEventChannel.post(message)';
  const text: string | undefined = JSON.stringify(message);
  if (text === undefined) throw new ConfigurationError(option, 'must be something that JSON can say');
  if (holdsSecret(JSON.parse(text))) {
    throw new ConfigurationError(option, 'must be a notice: it holds a token, or a field with the name of a secret');
  }
}

/**
 * The tabs of one origin, over `storage` events: notices only, for browsers without `BroadcastChannel`. Two lifecycles of
 * one page do not hear each other, since a page is not told of its own writes.
 *
 * What is posted passes through web storage, where every script of the origin can read it: `post()` throws a
 * `ConfigurationError` for a message with a JWT in it, or with a field whose name ends in token, jwt, credential, secret,
 * password, cookie or authorization. The value is removed again at once. `post()` throws what the storage throws, too
 * (`SecurityError` where it is denied, `QuotaExceededError` where it is full), an error with the code `storage_missing` where
 * there is none; `subscribe()` one with `channel_missing` where there is no window. After `dispose()` it may be used again.
 *
 * @throws {ConfigurationError} for an unknown option or one that cannot work
 * @example createTokenLifecycle({ source, channel: storageEventChannel() });
 */
export function storageEventChannel(
  options: StorageEventChannelOptions = {},
): TokenChannel & Required<Pick<TokenChannel, 'dispose'>> {
  checkObject('storageEventChannel', options);
  checkKnown('storageEventChannel', options, ['storage', 'window', 'key']);
  const { storage, key = 'token-lifecycle:notice' } = options;
  checkText('storageEventChannel.key', key);
  if (storage !== undefined && typeof storage !== 'function') {
    checkMethods('storageEventChannel.storage', storage, ['setItem', 'removeItem']);
  }
  if (options.window !== undefined) {
    checkMethods('storageEventChannel.window', options.window, ['addEventListener', 'removeEventListener']);
  }
  let heard: NoticeWindow | undefined;
  const listeners = createListeners(() => stop());

  function hear(event: Event): void {
    const changed = event as StorageEvent;
    const notice = changed.key === key ? parseNotice(changed.newValue) : undefined;
    if (notice) tellAll(listeners.snapshot(), () => notice.message);
  }

  function stop(): void {
    heard?.removeEventListener('storage', hear);
    heard = undefined;
  }

  function opened(): NoticeStorage {
    const found = typeof storage === 'function' ? storage() : (storage ?? (globalThis as Platform).localStorage);
    if (!found) throw missing('storage_missing', 'web storage');
    return found;
  }

  return {
    carriesTokens: false,
    post: (message) => {
      checkNotice(message);
      const place = opened();
      // Only a change is told: the same notice twice has to be two values.
      const notice: Notice = { v: 1, nonce: Math.random().toString(36).slice(2), message };
      place.setItem(key, JSON.stringify(notice));
      place.removeItem(key);
    },
    subscribe: (listener) => {
      checkFunction('storageEventChannel.subscribe(listener)', listener);
      if (!heard) {
        const window = options.window ?? (globalThis as Platform).window;
        if (typeof window?.addEventListener !== 'function') throw missing('channel_missing', 'window');
        window.addEventListener('storage', hear);
        heard = window;
      }
      return listeners.add(listener);
    },
    dispose: () => {
      listeners.clear();
      stop();
    },
  };
}
