/** The lock is given back as soon as nothing runs that it is needed for (R10.4, L4). */
import { describe, expect, it } from 'vitest';
import { memoryLock } from '../../adapters/lock/memory';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { createBrowser } from '../support/browser';
import type { Tab } from '../support/tab';
import { createRotating, lockName } from './support/rotating';

describe('While a mint runs that has no answer yet', () => {
  const endings: readonly [string, (tab: Tab) => unknown][] = [
    ['T27 somebody signs out', ({ tokens }) => tokens.signOut()],
    ['T29 somebody switches to another session', ({ tokens }) => tokens.setActive({ sessionId: 'sess_2' })],
    ['T28 somebody else signs in', ({ tokens }) => tokens.signIn({ session: { id: 'sess_2' } })],
  ];
  for (const [what, end] of endings) {
    it(`R10.4 ${what}: the next tab has the lock at once, not when the lease is over`, async () => {
      const browser = createBrowser();
      browser.server.respondWith({ do: 'hang' });
      const tab = browser.open();
      await browser.clock.advance(1_000);
      const tryLock = () =>
        browser.lock.run(
          lockName,
          { waitMs: 0, leaseMs: 1_000, signal: new AbortController().signal },
          async () => 'mine',
        );
      expect(await tryLock()).toEqual({ status: 'timeout' });
      end(tab);
      await browser.clock.settle();
      expect(await tryLock()).toEqual({ status: 'done', value: 'mine' });
    });
  }

  it('L4 R10.3 the lock that hints are handed over under is stolen: stop() leaves no timer', async () => {
    const clock = createVirtualClock();
    const lock = memoryLock({ clock });
    const browser = await createRotating({ clock, lock, store: { ...memoryStore(), consistency: 'hint' as const } });
    browser.lose(() => 'never');
    const tab = browser.open();
    await browser.clock.advance(3_000);
    expect(browser.instants).toHaveLength(1);
    lock.steal(lockName);
    await browser.clock.settle();
    tab.tokens.stop();
    await browser.clock.settle();
    expect(browser.clock.pending).toBe(0);
  });
});
