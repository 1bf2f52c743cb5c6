/** Who mints: the focused tab first, the others a little later; hidden ones not for ever (R10.8, R10.9, R9.20). */
import { describe, expect, it } from 'vitest';
import { createBrowser } from '../support/browser';
import type { Tab } from '../support/tab';

const minute = 60_000;
const never = () => new Promise<never>(() => {});

/** Which tab started a mint, and when. */
const minters = (tabs: readonly Tab[]) =>
  tabs
    .flatMap((tab, index) => tab.of('refresh.started').map(({ at }) => [at, index] as const))
    .sort(([a], [b]) => a - b);

describe('The focused tab first', () => {
  it('R10.8 97 it mints at the stale point, and the others never', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 4 }, () => browser.open());
    await browser.clock.advance(5 * minute);
    expect(minters(tabs).map(([, who]) => who)).toEqual(Array(7).fill(0));
    expect(browser.instants).toEqual([0, 43_000, 86_000, 129_000, 172_000, 215_000, 258_000]);
  });

  it('R10.8 the duty goes where the focus goes', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 3 }, () => browser.open());
    const [, second, third] = tabs as [Tab, Tab, Tab];
    await browser.clock.advance(50_000);
    browser.focus(second);
    await browser.clock.advance(40_000);
    browser.focus(third);
    await browser.clock.advance(45_000);
    expect(minters(tabs)).toEqual([
      [0, 0],
      [43_000, 0],
      [86_000, 1],
      [129_000, 2],
    ]);
  });

  it('R10.8 C07 it does not: one of the others does after the grace, exactly 2 s', async () => {
    const browser = createBrowser();
    // The focused tab is stuck: not even its lock is asked for.
    browser.open({ lock: { run: never } });
    const others = Array.from({ length: 3 }, () => browser.open());
    await browser.clock.advance(50_000);
    // Its own first mint waited 5 s for the lock that never came; by then the others had one.
    expect(browser.instants).toEqual([0, 45_000]);
    expect(new Set(browser.tabs.map(({ tokens }) => tokens.peek()))).toEqual(new Set([browser.server.issued[1]]));
    expect(minters(others)).toHaveLength(2);
  });

  it('R10.8 with jitter the grace is up to half as long again, by the dice', async () => {
    for (const [roll, at] of [
      [0, 45_000],
      [0.5, 45_500],
      [1, 46_000],
    ] as const) {
      const browser = createBrowser({ policy: { jitter: 0.5 }, random: () => roll });
      const tab = browser.make();
      tab.presence.set({ visibility: 'visible', focus: false });
      tab.tokens.start();
      await browser.clock.advance(50_000);
      expect(browser.instants).toEqual([0, at]);
    }
  });

  it('R10.8 as long as the policy says', async () => {
    for (const takeoverGraceMs of [0, 500, 4_000]) {
      const browser = createBrowser({ policy: { takeoverGraceMs } });
      const tab = browser.make();
      tab.presence.set({ visibility: 'hidden', focus: false });
      tab.tokens.start();
      await browser.clock.advance(50_000);
      expect(browser.instants).toEqual([0, 43_000 + takeoverGraceMs]);
    }
  });

  it('R10.8 never so long that readers would have to wait: a quarter of the lead', async () => {
    const browser = createBrowser({ policy: { takeoverGraceMs: 60_000 } });
    const tab = browser.make();
    tab.presence.set({ visibility: 'hidden', focus: false });
    tab.tokens.start();
    await browser.clock.advance(50_000);
    expect(browser.instants).toEqual([0, 47_250]);
  });

  it('R10.8 10-second tokens: half a lead is half a life, and readers of no tab ever wait for the grace', async () => {
    const browser = createBrowser({ server: { ttlSeconds: 10 } });
    const tabs = Array.from({ length: 3 }, () => browser.open());
    await browser.clock.advance(1_000);
    for (let second = 0; second < 60; second += 1) {
      const reads = tabs.map((tab) => tab.watch(tab.tokens.getToken()));
      await browser.clock.advance(250);
      expect(reads.filter(({ token }) => token)).toHaveLength(3);
      await browser.clock.advance(750);
    }
    // One per 5 s, from stale point to stale point.
    expect(browser.instants.length).toBe(13);
  });

  it('R10.8 4 only what nobody asked for is left to others: a reader of a hidden tab without a token is not kept waiting', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const hidden = browser.open();
    await browser.clock.advance(1_000);
    for (const tab of [first, hidden]) tab.connectivity.set(false);
    await browser.clock.advance(70_000);
    hidden.connectivity.set(true);
    const reader = hidden.watch(hidden.tokens.getToken());
    await browser.clock.advance(100);
    expect(reader).toMatchObject({ token: browser.server.issued[1] });
    expect(browser.instants).toEqual([0, 71_000]);
  });

  it('R10.8 a tab that opens disarms nobody', async () => {
    const browser = createBrowser();
    const first = browser.open();
    await browser.clock.advance(42_000);
    const late = browser.open();
    await browser.clock.advance(500);
    browser.focus(late);
    await browser.clock.advance(200);
    late.tokens.stop();
    await browser.clock.advance(10_000);
    // Nobody has the focus any more: the first takes it over after the grace.
    expect(browser.instants).toEqual([0, 45_000]);
    expect(first.tokens.peek()).toBe(browser.server.issued[1]);
  });

  it('R10.8 B20 two windows, both visible, none focused (the address bar has it): one mint, after the grace', async () => {
    const browser = createBrowser();
    for (let tab = 0; tab < 2; tab += 1) {
      const made = browser.make();
      made.presence.set({ visibility: 'visible', focus: false });
      made.tokens.start();
    }
    await browser.clock.advance(100_000);
    expect(browser.instants).toEqual([0, 45_000, 90_000]);
  });
});

describe('All hidden', () => {
  const hide = (tabs: readonly Tab[]) => {
    for (const { presence } of tabs) presence.set({ visibility: 'hidden', focus: false });
  };

  it('R10.8 one of them mints, after the grace', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 4 }, () => browser.open());
    await browser.clock.advance(1_000);
    hide(tabs);
    await browser.clock.advance(200_000);
    expect(browser.instants).toEqual([0, 45_000, 90_000, 135_000, 180_000]);
  });

  it('R10.9 B20 for 30 min: then nobody, until one is looked at: one mint, and the tab that is seen has it', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 4 }, () => browser.open());
    const [first, second] = tabs as [Tab, Tab];
    await browser.clock.advance(1_000);
    hide(tabs);
    await browser.clock.advance(31 * minute);
    const before = browser.instants.length;
    // From when the last of them was hidden, at 1 s.
    expect(browser.instants.at(-1)).toBeLessThan(1_000 + 30 * minute);
    await browser.clock.advance(60 * minute);
    expect(browser.instants).toHaveLength(before);
    browser.focus(second);
    await browser.clock.advance(1_000);
    expect(browser.instants).toHaveLength(before + 1);
    expect(second.tokens.getState()).toMatchObject({ state: 'fresh' });
    expect(first.tokens.peek()).toBe(second.tokens.peek());
    expect(browser.server.requests.at(-1)?.request).toMatchObject({ cause: 'wake', presence: 'focused' });
  });

  it('R10.9 or one is read: a read counts, hidden or not', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 2 }, () => browser.open());
    hide(tabs);
    await browser.clock.advance(90 * minute);
    const before = browser.instants.length;
    const reader = tabs[1]?.watch(tabs[1].tokens.getToken());
    await browser.clock.advance(1_000);
    expect(browser.instants).toHaveLength(before + 1);
    expect(reader?.token).toBe(browser.server.issued.at(-1));
  });

  it('R10.9 one that is looked at keeps the session alive for the others', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 3 }, () => browser.open());
    await browser.clock.advance(60 * minute);
    expect(new Set(tabs.map(({ tokens }) => tokens.peek()))).toEqual(new Set([browser.server.issued.at(-1)]));
    expect(tabs[2]?.tokens.getState()).toMatchObject({ state: 'fresh' });
  });
});

describe('Waking', () => {
  const sleep = async (browser: ReturnType<typeof createBrowser>, ms: number) => {
    browser.server.slept(ms);
    await browser.clock.sleep(ms);
  };

  it('R9.20 108 H10 eight hours of sleep, five tabs, all wake: one mint', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 5 }, () => browser.open());
    await browser.clock.advance(10_000);
    await sleep(browser, 8 * 60 * minute);
    for (const { presence } of tabs) presence.emit('resume');
    browser.focus(tabs[0] as Tab);
    await browser.clock.advance(5_000);
    expect(browser.instants).toHaveLength(2);
    expect(new Set(tabs.map(({ tokens }) => tokens.peek()))).toEqual(new Set([browser.server.issued[1]]));
    // And then as ever.
    await browser.clock.advance(43_000);
    expect(browser.instants).toHaveLength(3);
  });

  it('R9.20 108 the same with every tab being read on waking', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 5 }, () => browser.open());
    await browser.clock.advance(10_000);
    await sleep(browser, 8 * 60 * minute);
    const reads = tabs.map((tab) => tab.watch(tab.tokens.getToken()));
    await browser.clock.advance(5_000);
    expect(browser.instants).toHaveLength(2);
    expect(new Set(reads.map(({ token }) => token))).toEqual(new Set([browser.server.issued[1]]));
  });

  it('78 C29 C30 visible and focus together, in two tabs at once, with an expired token: one mint', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 2 }, () => browser.open());
    await browser.clock.advance(10_000);
    await sleep(browser, 10 * minute);
    for (const { presence } of tabs) {
      presence.set({ visibility: 'visible', focus: true });
      presence.emit('visible');
      presence.emit('focus');
    }
    await browser.clock.advance(5_000);
    expect(browser.instants).toHaveLength(2);
  });

  it('78 R10.21 a wake with a usable token has the cookie right before anything else can run', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    second.tokens.setActive({ organizationId: 'org_1' });
    await browser.clock.advance(5_000);
    browser.focus(first);
    expect(browser.cookie.read()).toEqual([{ value: first.tokens.peek() }]);
    browser.focus(second);
    let seen: unknown;
    queueMicrotask(() => {
      seen = browser.cookie.read();
    });
    await Promise.resolve();
    expect(seen).toEqual([{ value: second.tokens.peek() }]);
  });
});
