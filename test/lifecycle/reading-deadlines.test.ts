/** Readers with a deadline of their own: they leave, the shared mint goes on (R4.13, R4.14). */
import { describe, expect, it } from 'vitest';
import { withPatience } from '../../adapters/host/patience';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { ReadTimeoutError } from '../../machines/errors';
import { createTab } from '../support/tab';

function createSlow() {
  const tab = createTab({ server: { latencyMs: 5_000 } });
  tab.tokens.start();
  return tab;
}

describe('reads', () => {
  it('A29 23 R4.14 after timeoutMs it leaves with ReadTimeoutError; the mint goes on for the others', async () => {
    const tab = createSlow();
    const hasty = tab.watch(tab.tokens.getToken({ timeoutMs: 2_000 }));
    const patient = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_999);
    expect(hasty).toEqual({});
    await tab.clock.advance(1);
    expect(hasty.at).toBe(2_000);
    expect(hasty.error).toBeInstanceOf(ReadTimeoutError);
    expect(hasty.error).toMatchObject({ code: 'read_timeout', timeoutMs: 2_000 });
    expect(tab.server.requests[0]?.request.signal.aborted).toBe(false);
    await tab.clock.advance(3_000);
    expect(tab.server.instants).toEqual([0]);
    expect(patient).toEqual({ token: tab.server.issued[0], at: 5_000 });
  });

  it('R4.13 when the signal fires it leaves with the reason; the mint goes on for the others', async () => {
    const tab = createSlow();
    const leaving = new AbortController();
    const hasty = tab.watch(tab.tokens.getToken({ signal: leaving.signal }));
    const patient = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(1_000);
    const reason = new Error('navigated away');
    leaving.abort(reason);
    await tab.clock.settle();
    expect(hasty).toEqual({ error: reason, at: 1_000 });
    await tab.clock.advance(4_000);
    expect(tab.server.instants).toEqual([0]);
    expect(patient.token === tab.server.issued[0]).toBe(true);
  });

  it('R4.13 R4.14 the only reader leaves: the mint goes on all the same', async () => {
    const tab = createSlow();
    const hasty = tab.watch(tab.tokens.getToken({ timeoutMs: 10 }));
    await tab.clock.advance(5_000);
    expect(hasty.error).toBeInstanceOf(ReadTimeoutError);
    expect(tab.tokens.getState().state).toBe('fresh');
    expect(tab.tokens.peek() === tab.server.issued[0]).toBe(true);
  });

  it('R4.13 a signal that had fired already: rejected, and nothing is disturbed', async () => {
    const tab = createSlow();
    const read = tab.watch(tab.tokens.getToken({ signal: AbortSignal.abort('gone') }));
    await tab.clock.settle();
    expect(read).toEqual({ error: 'gone', at: 0 });
    await tab.clock.advance(5_000);
    expect(tab.server.instants).toEqual([0]);
  });

  it('R4.14 a time-out of 0 gives who can be served the token, and who has to wait the error', async () => {
    const tab = createSlow();
    await tab.clock.settle();
    const waiting = tab.watch(tab.tokens.getToken({ timeoutMs: 0 }));
    await tab.clock.advance(0);
    expect(waiting.error).toBeInstanceOf(ReadTimeoutError);
    await tab.clock.advance(5_000);
    const served = tab.watch(tab.tokens.getToken({ timeoutMs: 0 }));
    await tab.clock.advance(0);
    expect(served.token === tab.server.issued[0]).toBe(true);
  });

  it('R4.14 L1 a deadline holds in every state: before the start, offline, in an outage, inside Retry-After', async () => {
    const idle = createTab();
    const offline = createTab();
    offline.connectivity.set(false);
    const failing = createTab({ policy: { retries: 1_000 } });
    failing.server.respondWith({ do: 'status', status: 503 });
    const limited = createTab();
    limited.server.respondWith({ do: 'status', status: 429, retryAfterMs: 600_000 });
    for (const tab of [offline, failing, limited]) tab.tokens.start();
    for (const tab of [idle, offline, failing, limited]) {
      await tab.clock.advance(500);
      const read = tab.watch(tab.tokens.getToken({ timeoutMs: 700 }));
      await tab.clock.advance(699);
      expect(read).toEqual({});
      await tab.clock.advance(1);
      expect(read.error).toBeInstanceOf(ReadTimeoutError);
    }
  });

  it('R4.14 R4.13 no timer and no listener is left behind by those who were served', async () => {
    const tab = createSlow();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    }) as typeof add;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    }) as typeof remove;
    const read = tab.watch(tab.tokens.getToken({ timeoutMs: 60_000, signal }));
    await tab.clock.settle();
    const waiting = tab.clock.pending;
    expect(listeners).toBe(1);
    await tab.clock.advance(5_000);
    expect(typeof read.token).toBe('string');
    expect(listeners).toBe(0);
    tab.tokens.stop();
    expect(waiting).toBeGreaterThan(0);
    expect(tab.clock.pending).toBe(0);
  });
});

describe('withPatience', () => {
  const never = () => new Promise<string>(() => {});

  it('R4.13 R4.14 without signal and time-out the shared promise itself is given back', () => {
    const shared = never();
    expect(withPatience(createVirtualClock(), shared, {})).toBe(shared);
  });

  it('R4.14 a failure of what is shared arrives, and the timer is gone', async () => {
    const clock = createVirtualClock();
    const error = new Error('x');
    await expect(withPatience(clock, Promise.reject(error), { timeoutMs: 100 })).rejects.toBe(error);
    expect(clock.pending).toBe(0);
  });

  it('R4.13 the signal clears the timer, and the time-out the listener', async () => {
    const clock = createVirtualClock();
    const leaving = new AbortController();
    const left = withPatience(clock, never(), { timeoutMs: 100, signal: leaving.signal });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    expect(clock.pending).toBe(0);
    const over = withPatience(clock, never(), { timeoutMs: 100, signal: new AbortController().signal });
    over.catch(() => {});
    await clock.advance(100);
    await expect(over).rejects.toBeInstanceOf(ReadTimeoutError);
  });

  it('R9.16 a time-out beyond what timers can hold does not fire at once', async () => {
    const clock = createVirtualClock();
    let over = false;
    withPatience(clock, never(), { timeoutMs: 2 ** 31 }).catch(() => {
      over = true;
    });
    await clock.advance(1_000);
    expect(over).toBe(false);
    expect(clock.pending).toBe(1);
  });
});
