/** What else tabs tell each other: refused tokens, the server's time; and when they are silent (R9.12, R10.10, R10.11, L4). */
import { describe, expect, it } from 'vitest';
import { createBrowser } from '../support/browser';
import { createPeered, peerJwt, start } from './support/peer';

describe('A token that an API refused', () => {
  it('R10.10 R7.10 is refused in every tab: none serves it, and one mint replaces it for all', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 4 }, () => browser.open());
    await browser.clock.advance(10_000);
    const refused = tabs[2]?.tokens.peek() ?? '';
    tabs[2]?.tokens.reportRejected(refused);
    await browser.clock.settle();
    const reads = tabs.map((tab) => tab.watch(tab.tokens.getToken()));
    await browser.clock.advance(2_000);
    expect(browser.instants).toEqual([0, 10_000]);
    expect(new Set(reads.map(({ token }) => token))).toEqual(new Set([browser.server.issued[1]]));
    expect(new Set(tabs.map(({ tokens }) => tokens.peek()))).toEqual(new Set([browser.server.issued[1]]));
  });

  it('R10.10 is not taken over again from a peer that has not heard', async () => {
    const tab = createPeered();
    await tab.startFresh();
    await tab.clock.advance(5_000);
    const refused = peerJwt(5);
    await tab.send(refused);
    tab.tokens.reportRejected(refused);
    await tab.clock.advance(2_000);
    const own = tab.tokens.peek();
    expect(own).not.toBe(refused);
    await tab.send(refused);
    expect(tab.tokens.peek()).toBe(own);
  });

  it('R10.10 by a tab that opens later as well, from the record: an API refuses what is in the shared cookie', async () => {
    const browser = createBrowser();
    const first = browser.open();
    await browser.clock.advance(10_000);
    const refused = first.tokens.peek() ?? '';
    browser.server.respondWith({ do: 'hang' });
    first.tokens.reportRejected(refused);
    await browser.clock.advance(1_000);
    first.tokens.stop();
    browser.server.respondWith({ do: 'mint' });
    const late = browser.open();
    const reader = late.watch(late.tokens.getToken());
    await browser.clock.advance(2_000);
    expect(reader.token).toBe(browser.server.issued[1]);
  });

  it('R10.10 over the floor: ten tabs report the same token at once, one mint', async () => {
    const browser = createBrowser();
    const tabs = Array.from({ length: 10 }, () => browser.open());
    await browser.clock.advance(10_000);
    const refused = browser.server.issued[0] ?? '';
    for (const { tokens } of tabs) tokens.reportRejected(refused);
    await browser.clock.advance(5_000);
    expect(browser.instants).toEqual([0, 10_000]);
  });

  it('R10.10 S11 what is said about it is a fingerprint, under a name that gives no session away', async () => {
    const browser = createBrowser();
    const said: string[] = [];
    browser.channel.subscribe((message) => {
      if ((message as { is: string }).is !== 'token') said.push(JSON.stringify(message));
    });
    const first = browser.open();
    await browser.clock.advance(1_000);
    const token = first.tokens.peek() ?? '';
    first.tokens.reportRejected(token);
    await (await first.tokens.signOut()).stored;
    await browser.clock.settle();
    expect(said).toHaveLength(2);
    for (const secret of [token, token.split('.')[1] ?? '', 'sess_1']) expect(said.join()).not.toContain(secret);
  });

  it('I08 R10.10 one of another session’s tab changes nothing here', async () => {
    const browser = createBrowser();
    const first = browser.open();
    const other = browser.open({ session: { id: 'sess_2' } });
    await browser.clock.advance(10_000);
    const before = browser.instants.length;
    other.tokens.reportRejected(first.tokens.peek() ?? '');
    await browser.clock.settle();
    expect(browser.instants).toHaveLength(before);
    expect(await first.tokens.getToken()).toBe(first.tokens.peek());
  });
});

describe('The server’s time', () => {
  const offsetMs = 90_000;

  it('R9.12 R9.11 learned in one tab, it is known in the next: from the record, or with the token', async () => {
    for (const without of [[], ['store']] as const) {
      const browser = createBrowser({ server: { offsetMs, withDate: true }, without });
      const first = browser.open();
      const second = browser.open();
      await browser.clock.advance(10_000);
      const learned = first.tokens.getState().clockOffsetMs;
      expect(learned).toBeGreaterThan(offsetMs - 1_100);
      expect(learned).toBeLessThan(offsetMs + 1_100);
      expect(second.tokens.getState().clockOffsetMs).toBe(learned);
      expect(second.tokens.peek()).toBe(first.tokens.peek());
      expect(browser.instants).toEqual([0]);
      // The hidden tab's stale point is at the same true instant: no refresh of its own before.
      await browser.clock.advance(100_000);
      expect(second.of('refresh.started')).toEqual([]);
    }
  });

  it('R9.12 a tab with a proof of its own keeps it', async () => {
    const tab = createPeered({ server: { offsetMs, withDate: true } });
    await tab.startFresh();
    const { clockOffsetMs } = tab.tokens.getState();
    await tab.send(peerJwt(offsetMs / 1_000), { offsetMs: 0 });
    await tab.send(peerJwt(offsetMs / 1_000 + 1), { offsetMs: 3_600_000 });
    expect(tab.tokens.getState()).toMatchObject({ clockOffsetMs });
  });

  it('R9.12 a tab without one believes it, and judges the token by it', async () => {
    const hour = 3_600;
    const tab = createPeered();
    tab.server.respondWith({ do: 'hang' });
    tab.tokens.start();
    await tab.clock.advance(1_000);
    const ahead = peerJwt(hour);
    await tab.send(ahead);
    expect(tab.tokens.peek()).toBeNull();
    await tab.send(ahead, { offsetMs: hour * 1_000 });
    expect(tab.tokens.peek()).toBe(ahead);
    expect(tab.tokens.getState()).toMatchObject({
      clockOffsetMs: hour * 1_000,
      expiresAt: (start + hour + 60) * 1_000,
    });
  });

  it('R10.13 no more than 24 h, and no nonsense', async () => {
    const day = 86_400;
    for (const [seconds, offset, adopted] of [
      [day, day * 1_000, true],
      [day + 1, day * 1_000 + 1_000, false],
      [0, Number.NaN, true],
      [0, Number.POSITIVE_INFINITY, true],
      [0, '90000', true],
      [0, -day * 1_000 - 1, true],
    ] as const) {
      const tab = createPeered();
      tab.server.respondWith({ do: 'hang' });
      tab.tokens.start();
      await tab.clock.advance(1_000);
      const token = peerJwt(seconds);
      await tab.send(token, { offsetMs: offset });
      expect(tab.tokens.peek() === token).toBe(adopted);
      expect(tab.tokens.getState().clockOffsetMs).toBe(adopted && offset === day * 1_000 ? offset : 0);
    }
  });

  it('R10.13 floors of others: no longer than 15 min, however far away they say they are', async () => {
    const browser = createBrowser();
    const tab = browser.make();
    const now = browser.clock.now();
    await browser.store.update('app', () => ({ v: 1, generation: 1, epoch: 0, floorUntil: now + 86_400_000 }));
    tab.tokens.start();
    await browser.clock.advance(10_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'outage-fallback', nextAttemptAt: now + 900_000 });
    expect(browser.instants).toEqual([]);
  });
});

describe('The page goes, and comes back', () => {
  const suspendable = () => {
    const browser = createBrowser();
    const calls: string[] = [];
    const channel = {
      ...browser.channel,
      suspend: () => calls.push('suspend'),
      resume: () => calls.push('resume'),
    } as unknown as typeof browser.channel;
    return { browser, calls, channel };
  };

  it('R10.11 the channel is suspended on pagehide and resumed on pageshow, and at no other time', async () => {
    const { browser, calls, channel } = suspendable();
    const tab = browser.open({ channel });
    await browser.clock.advance(1_000);
    for (const change of ['hidden', 'blur', 'freeze', 'visible', 'focus', 'resume'] as const) tab.presence.emit(change);
    expect(calls).toEqual([]);
    tab.presence.emit('pagehide');
    expect(calls).toEqual(['suspend']);
    tab.presence.emit('pageshow');
    expect(calls).toEqual(['suspend', 'resume']);
  });

  it('R10.11 a suspend or resume that throws is reported, and changes nothing', async () => {
    const { browser } = suspendable();
    const fail = () => {
      throw new Error('closed');
    };
    const tab = browser.open({ channel: { ...browser.channel, suspend: fail, resume: fail } });
    await browser.clock.advance(1_000);
    tab.presence.emit('pagehide');
    tab.presence.emit('pageshow');
    expect(tab.of('adapter.failed').map(({ operation }) => operation)).toEqual(['suspend', 'resume']);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh' });
  });

  it('R10.11 T26 from the back/forward cache: what was minted and signed out meanwhile is found in the record', async () => {
    const browser = createBrowser({ without: ['cookie'] });
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    let open = true;
    const frozen = browser.open({
      channel: {
        ...browser.channel,
        subscribe: (listener) => browser.channel.subscribe((message) => open && listener(message)),
        suspend: () => {
          open = false;
        },
        resume: () => {
          open = true;
        },
      },
    });
    await browser.clock.advance(1_000);
    frozen.presence.emit('pagehide');
    await (await first.tokens.signOut()).stored;
    await browser.clock.settle();
    expect(second.tokens.getState().state).toBe('signed-out');
    expect(frozen.tokens.getState().state).toBe('fresh');
    frozen.presence.emit('pageshow');
    await browser.clock.settle();
    expect(frozen.tokens.getState().state).toBe('signed-out');
    expect(browser.instants).toEqual([0]);
  });

  it('L4 stop() leaves no timer, subscription, lock or wait, in whatever it is', async () => {
    for (const ms of [0, 50, 1_000, 43_050]) {
      const browser = createBrowser();
      let listening = 0;
      const channel = {
        ...browser.channel,
        subscribe: (listener: (message: unknown) => void) => {
          listening += 1;
          const leave = browser.channel.subscribe(listener);
          return () => {
            listening -= 1;
            leave();
          };
        },
      };
      const tabs = Array.from({ length: 3 }, () => browser.open({ channel }));
      await browser.clock.advance(ms);
      for (const { tokens } of tabs) tokens.stop();
      await browser.clock.settle();
      expect(listening).toBe(0);
      expect(browser.clock.pending).toBe(0);
      // The lock is free, and a start afterwards works.
      tabs[0]?.tokens.start();
      await browser.clock.advance(1_500);
      expect(tabs[0]?.tokens.getState()).toMatchObject({ state: 'fresh' });
    }
  });

  it('L4 a stopped tab hears and says nothing', async () => {
    const browser = createBrowser();
    const [first, second] = [browser.open(), browser.open()];
    await browser.clock.advance(1_000);
    first.tokens.stop();
    const said: unknown[] = [];
    browser.channel.subscribe((message) => said.push((message as { is: string }).is));
    await browser.clock.advance(60_000);
    expect(said).toEqual(['token']);
    expect(first.of('token.updated')).toHaveLength(1);
    expect(second.tokens.peek()).toBe(browser.server.issued[1]);
  });

  it('R7.14 C11 every mint is told once, with its key, epoch and times, and causes no request anywhere', async () => {
    const browser = createBrowser();
    for (let tab = 0; tab < 4; tab += 1) browser.open();
    const said: Record<string, unknown>[] = [];
    browser.channel.subscribe((message) => said.push(message as Record<string, unknown>));
    await browser.clock.advance(100_000);
    expect(said.filter(({ is }) => is === 'token').map(({ token }) => token)).toEqual(browser.server.issued);
    expect(said[0]).toMatchObject({
      v: 1,
      is: 'token',
      epoch: 0,
      issuedAt: start * 1_000,
      expiresAt: (start + 60) * 1_000,
    });
    expect(browser.instants).toEqual([0, 43_000, 86_000]);
  });
});
