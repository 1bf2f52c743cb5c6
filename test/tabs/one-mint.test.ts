/** Several tabs of one browser: one mint for all of them (R10.4, R10.5, T23). */
import { describe, expect, it } from 'vitest';
import { createBrowser } from '../support/browser';

describe('ten tabs with channel, lock and an ordered store', () => {
  it('R10.4 100 one mint per life, idle', async () => {
    const { open, clock, requests } = createBrowser();
    const tabs = Array.from({ length: 10 }, () => open());
    await clock.advance(600_000);
    expect(requests().length).toBe(14);
    const held = tabs.map(({ tokens }) => tokens.peek());
    expect(new Set(held).size).toBe(1);
  });

  it('R10.4 100 C01 one mint per life, with every tab reading once a second', async () => {
    const { open, clock, requests } = createBrowser();
    const tabs = Array.from({ length: 10 }, () => open());
    for (let second = 0; second < 300; second += 1) {
      const read = Promise.all(tabs.map(({ tokens }) => tokens.getToken()));
      await clock.advance(1_000);
      expect(new Set(await read).size).toBe(1);
    }
    expect(requests().length).toBe(7);
  });
});
