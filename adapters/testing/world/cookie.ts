/** The session cookie of a tab: the library's own adapter over the world's jar. */
import type { Clock, SessionCookie } from '../../../machines/ports';
import { type DocumentCookieOptions, documentCookie } from '../../cookie/document';
import type { ValueSeen } from '../trace';
import type { WorldFaults } from './faults';
import { createJar, type Jar, type JarChange } from './jar';
import type { Process } from './process';
import type { Recorder } from './recorder';

export type CookieOptions = Omit<DocumentCookieOptions, 'document' | 'clock'>;

export type Cookies = {
  /** Every value of the session cookie that the server sees, in its order. Raw: for comparing. */
  readonly values: readonly string[];
  /** The same for people. */
  readonly seen: readonly ValueSeen[];
  /** What the server gets as `Cookie`. */
  readonly header: string;
  /** A sibling subdomain sets a cookie of our name for the whole site. */
  toss(value: string): void;
  /** The application's server sets one: a whole `Set-Cookie` text. */
  setByServer(text: string): void;
};

type Shared = { readonly clock: Clock; readonly faults: WorldFaults; readonly recorder: Recorder };

export function createCookies({ clock, faults, recorder }: Shared, options: CookieOptions) {
  const { eyes, note } = recorder;
  const name = options.name ?? (options.domain === undefined ? '__Host-__session' : '__session');
  const seen = (): ValueSeen[] => jar.values(name).map(eyes.value);

  function changed({ tab, did, name: changedName, value }: JarChange): void {
    if (changedName === `${name}_ctx`) note(tab, { is: 'companion', value: did === 'removed' ? null : safe(value) });
    if (changedName === name) note(tab, { is: 'cookie', did, value: eyes.value(value), now: seen() });
  }
  const jar: Jar = createJar(() => clock.now(), changed);

  const cookies: Cookies = {
    get values() {
      return jar.values(name);
    },
    get seen() {
      return seen();
    },
    get header() {
      return jar.header();
    },
    // A __Host- name cannot be tossed: that is what it is for.
    toss: (value) => jar.set('evil.example.test', `${name}=${value}; Domain=example.test; Path=/; Secure`),
    setByServer: (text) => jar.set('app.example.test', text),
  };

  function tab(index: number, process: Process): SessionCookie {
    const inner = documentCookie({ ...options, document: jar.page(index), clock: process.clock });
    /** Cookies are synchronous: nothing can be late, but everything can be denied, or come from a page that is gone. */
    const guarded = <T>(operation: string, gone: T, act: () => T): T => {
      if (process.state === 'dead') return gone;
      const fault = faults.storage?.({ tab: index, adapter: 'cookie', operation });
      if (!fault || typeof fault === 'object' || fault === 'hangs') return act();
      note(index, { is: 'fault', fault: `cookie ${fault}`, detail: operation });
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    return {
      sync: true,
      read: () => guarded('read', [], () => inner.read()),
      write: (token, meta) =>
        guarded('write', { status: 'unchanged' }, () => {
          const written = inner.write(token, meta);
          if ('status' in written && written.status === 'rejected') {
            note(index, { is: 'cookie', did: 'refused', value: eyes.value(token), now: seen() });
          }
          return written;
        }),
      remove: () => guarded('remove', undefined, () => inner.remove()),
      readContext: () => guarded('readContext', undefined, () => inner.readContext?.()),
      writeContext: (value) => guarded('writeContext', undefined, () => inner.writeContext?.(value)),
    };
  }
  return { cookies, tab, expire: jar.expire };
}

function safe(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
