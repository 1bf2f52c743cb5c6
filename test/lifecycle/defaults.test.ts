/** What a browser is left with where nothing is said: a token in memory, no cookie, no secret in web storage (R10.1). */
import { afterEach, expect, it, vi } from 'vitest';
import { createTokenLifecycle } from '../../adapters/host/create';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { createTokenServer } from '../support/token-server';

afterEach(() => vi.unstubAllGlobals());

/** Storage and cookies that remember what was written. */
function stubPage() {
  const written: string[] = [];
  const storage = {
    getItem: () => null,
    setItem: (key: string, value: string) => written.push(`${key}=${value}`),
    removeItem: () => {},
    key: () => null,
    length: 0,
  };
  const page = {
    addEventListener: () => {},
    removeEventListener: () => {},
    visibilityState: 'visible',
    hasFocus: () => true,
    set cookie(text: string) {
      written.push(text);
    },
    get cookie() {
      return '';
    },
  };
  vi.stubGlobal('document', page);
  // As where the context is not secure. Newer Nodes have locks of their own.
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('localStorage', storage);
  vi.stubGlobal('sessionStorage', storage);
  return written;
}

it('R10.1 R10.7 a page that is told nothing writes no cookie and no secret anywhere, and its token is in memory', async () => {
  const written = stubPage();
  const posted: unknown[] = [];
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      onmessage = null;
      postMessage = (message: unknown) => posted.push(message);
      close = () => {};
    },
  );
  const clock = createVirtualClock();
  const server = createTokenServer({ clock });
  const tokens = createTokenLifecycle({ session: { id: 'sess_1' }, source: server.source, clock });
  const failed: string[] = [];
  tokens.on('adapter.failed', ({ adapter, operation }) => failed.push(`${adapter}.${operation}`));
  tokens.start();
  await clock.advance(200);
  expect(tokens.peek()).toBe(server.issued[0]);
  expect(written).toEqual([]);
  // Peers get it by message, which is never stored.
  expect(posted).toMatchObject([{ is: 'token', token: server.issued[0] }]);
  // No locks here: said once.
  expect(failed).toEqual(['lock.run']);
  tokens.stop();
  expect(clock.pending).toBe(0);
});
