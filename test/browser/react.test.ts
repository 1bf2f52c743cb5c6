import { expect, it } from 'vitest';
import { describeOnPage } from '../react/support/page';

describeOnPage('the React entry', (run) => {
  it('T3 T7 React: useToken goes from restoring to the token', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const { clock, tokens } = createTab();
      const { element, committed } = createProbe(() => useToken());
      await mount(tokens, element);
      await act(async () => {
        tokens.start();
      });
      await act(() => clock.advance(100));
      const last = committed.at(-1);
      return { first: committed[0], last: { ...last, token: last?.token === tokens.peek() } };
    });
    expect(seen).toEqual({
      first: { token: null, state: 'restoring', status: 'ok', isServing: false, error: null },
      last: { token: true, state: 'fresh', status: 'ok', isServing: true, error: null },
    });
  });

  it('R4.9 T30 React: a token is taken away at the cutoff, and the next one shown', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const tab = createTab({ policy: { requestTimeoutMs: 30_000 } });
      const { clock, server, tokens } = tab;
      await tab.startFresh();
      const { element, committed } = createProbe(() => useToken());
      await mount(tokens, element);
      const now = () => {
        const { token, isServing, state } = committed.at(-1) ?? {};
        return [server.issued.indexOf(token ?? ''), isServing, state];
      };
      const shown = [now()];
      server.respondWith({ do: 'hang' });
      await act(() => clock.advance(54_899));
      shown.push(now());
      await act(() => clock.advance(1));
      shown.push(now());
      server.respondWith({ do: 'mint' });
      // The time-out at 73 s, 3 s of backoff and 100 ms of latency.
      await act(() => clock.advance(21_100));
      return [...shown, now()];
    });
    expect(seen).toEqual([
      [0, true, 'fresh'],
      [0, true, 'refreshing'],
      [-1, false, 'refreshing'],
      [1, true, 'fresh'],
    ]);
  });

  it('R4.9 T30 React: without a network the token is there until the instant it expires', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      const { clock, connectivity, tokens } = tab;
      await tab.startFresh();
      const { element, committed } = createProbe(() => useToken());
      await mount(tokens, element);
      await act(async () => connectivity.set(false));
      await act(() => clock.advance(59_899));
      const before = committed.at(-1);
      await act(() => clock.advance(1));
      const after = committed.at(-1);
      return [before, after].map((one) => [one?.token !== null, one?.isServing, one?.state, one?.status]);
    });
    expect(seen).toEqual([
      [true, true, 'offline-retrying', 'offline'],
      [false, false, 'offline-retrying', 'offline'],
    ]);
  });

  it('R4.9 React: a clock that jumps past the expiry leaves no expired token in a render', async () => {
    const seen = await run(async ({ cloneElement, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      await tab.startFresh();
      const { element, committed } = createProbe(() => useToken());
      const { render } = await mount(tab.tokens, element);
      tab.clock.skew(60_000);
      // No event has told the machine yet; something else makes the component render.
      await render(tab.tokens, cloneElement(element));
      return committed.map(({ token }) => token !== null);
    });
    expect(seen.at(0)).toBe(true);
    expect(seen.at(-1)).toBe(false);
  });

  it('React: a component renders when what it selected changes, and not otherwise', async () => {
    const seen = await run(async ({ asLived, createElement, createProbe, createTab, mount, twice, ...hooks }) => {
      const tab = createTab();
      const { clock, tokens } = tab;
      const probes = {
        state: createProbe(() => hooks.useTokenState(({ state }) => state)),
        status: createProbe(() => hooks.useTokenState(({ status }) => status)),
        session: createProbe(() =>
          hooks.useTokenState(
            ({ sessionId }) => ({ sessionId }),
            (a, b) => a.sessionId === b.sessionId,
          ),
        ),
        getToken: createProbe(() => typeof hooks.useGetToken()),
        lifecycle: createProbe(() => typeof hooks.useTokenLifecycle()),
        token: createProbe(() => hooks.useToken()),
      };
      const elements = Object.values(probes).map(({ element }) => element);
      await mount(tokens, createElement('div', null, ...elements));
      let changes = 0;
      tokens.subscribe(() => {
        changes += 1;
      });
      await asLived(async () => {
        tokens.start();
        await clock.advance(120_000);
      });
      const renders = Object.entries(probes).map(([name, { rendered }]) => [name, rendered.length / twice]);
      return { renders: Object.fromEntries(renders), changes, states: probes.state.committed };
    });
    expect(seen.states.filter((state, at) => state !== seen.states[at - 1])).toEqual([
      'restoring',
      'refreshing',
      'fresh',
      'refreshing',
      'fresh',
      'refreshing',
      'fresh',
    ]);
    expect(seen.changes).toBeGreaterThan(6);
    expect(seen.renders).toEqual({ state: 7, status: 1, session: 2, getToken: 1, lifecycle: 1, token: 7 });
  });

  it('React: selectors that make new objects are called once per state, and never in a loop', async () => {
    const seen = await run(async ({ asLived, createProbe, createTab, mount, twice, useTokenState }) => {
      const tab = createTab();
      const { element, rendered } = createProbe(() => useTokenState(({ state }) => [state]));
      await mount(tab.tokens, element);
      let changes = 0;
      tab.tokens.subscribe(() => {
        changes += 1;
      });
      await asLived(async () => {
        await tab.startFresh();
      });
      return { renders: rendered.length / twice, changes };
    });
    expect(seen.renders).toBe(1 + seen.changes);
  });

  it('React: an equal selection stays the same object from render to render', async () => {
    const seen = await run(async ({ cloneElement, createProbe, createTab, mount, useTokenState }) => {
      const tab = createTab();
      await tab.startFresh();
      const same = (a: readonly unknown[], b: readonly unknown[]) => a[0] === b[0];
      const { element, committed } = createProbe(() => useTokenState(({ state }) => [state], same));
      const { render } = await mount(tab.tokens, element);
      await render(tab.tokens, cloneElement(element));
      return { renders: committed.length, objects: new Set(committed).size };
    });
    expect(seen.renders).toBeGreaterThanOrEqual(2);
    expect(seen.objects).toBe(1);
  });

  it('T27 React: a sign-out is on the page before the next task', async () => {
    const seen = await run(async ({ asLived, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      await tab.startFresh();
      const { element, committed } = createProbe(() => useToken());
      const { text } = await mount(tab.tokens, element);
      const shown = await asLived(async () => {
        void tab.tokens.signOut();
        await Promise.resolve();
        return text();
      });
      return { shown: JSON.parse(shown), renders: committed.map(({ state }) => state) };
    });
    expect(seen.shown).toEqual({ token: null, state: 'signed-out', status: 'ok', isServing: false, error: null });
    expect(seen.renders.filter((state, at) => state !== seen.renders[at - 1])).toEqual(['fresh', 'signed-out']);
  });

  it('T28 React: another token in the same state is another result', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      const other = createTab({ clock: tab.clock });
      await tab.startFresh();
      await other.startFresh();
      const { element, committed } = createProbe(() => useToken());
      await mount(tab.tokens, element);
      const [token = ''] = other.server.issued;
      await act(async () => tab.tokens.signIn({ session: { id: 'sess_1' }, token }));
      return { states: [committed[0]?.state, committed.at(-1)?.state], isNew: committed.at(-1)?.token === token };
    });
    expect(seen).toEqual({ states: ['fresh', 'fresh'], isNew: true });
  });

  it('L4 React: what is unmounted leaves no subscription', async () => {
    const seen = await run(async ({ createElement, createProbe, createTab, mount, watched, ...hooks }) => {
      const tab = createTab();
      const { lifecycle, calls } = watched(tab.tokens);
      await tab.startFresh();
      const probes = [
        createProbe(() => hooks.useToken()),
        createProbe(() => hooks.useToken({ template: 'api' })),
        createProbe(() => hooks.useTokenState(({ state }) => state)),
        createProbe(() => typeof hooks.useGetToken()),
        createProbe(() => hooks.useReady()),
        createProbe(() => hooks.useTokenActor().id),
      ].map(({ element }) => element);
      const { unmount } = await mount(lifecycle, createElement('div', null, ...probes));
      const { observers } = tab.tokens.actor as unknown as { observers: ReadonlySet<unknown> };
      const during = { listeners: calls.listeners, observers: observers.size };
      await unmount();
      return { during, after: { listeners: calls.listeners, observers: observers.size } };
    });
    // Each of the first three listens; the second also for its reads. The host observes the actor, too.
    expect(seen).toEqual({ during: { listeners: 4, observers: 2 }, after: { listeners: 0, observers: 1 } });
  });

  it('T5 React: the provider neither starts nor stops, and no mount costs a request', async () => {
    const seen = await run(async ({ act, createElement, createProbe, createTab, mount, useToken, watched }) => {
      const tab = createTab();
      const { lifecycle, calls } = watched(tab.tokens);
      const { element } = createProbe(() => useToken());
      const first = await mount(lifecycle, element);
      await act(() => tab.clock.advance(1_000));
      const idle = { ...calls, mints: tab.server.instants.length, state: tab.tokens.getState().state };
      await act(() => tab.startFresh());
      await first.unmount();
      const second = await mount(lifecycle, createElement('p', null, element));
      await act(() => tab.clock.advance(43_000));
      await second.unmount();
      await tab.clock.advance(43_000);
      const { starts, stops, reads } = calls;
      return { idle, starts, stops, reads, mints: tab.server.instants };
    });
    expect(seen.idle).toMatchObject({ starts: 0, stops: 0, mints: 0, state: 'restoring' });
    expect(seen).toMatchObject({ starts: 0, stops: 0, reads: 0 });
    expect(seen.mints).toEqual([1_000, 44_000, 87_000]);
  });

  it('R4.2 React: useGetToken gives the same function from render to render', async () => {
    const seen = await run(async ({ act, cloneElement, createProbe, createTab, mount, useGetToken }) => {
      const tab = createTab();
      const { element, committed } = createProbe(() => useGetToken());
      const { render } = await mount(tab.tokens, element);
      await tab.startFresh();
      await render(tab.tokens, cloneElement(element));
      const [getToken] = committed;
      const token = await getToken?.();
      const forced = getToken?.({ skipCache: true });
      await act(() => tab.clock.advance(1_100));
      return {
        functions: new Set(committed).size,
        isHeld: token === tab.server.issued[0],
        isForced: (await forced) === tab.server.issued[1],
      };
    });
    expect(seen).toEqual({ functions: 1, isHeld: true, isForced: true });
  });

  it('React: another lifecycle in the provider is the one that is shown, and the only one listened to', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken, watched }) => {
      const [one, other] = [createTab(), createTab({ session: { id: 'sess_2' } })];
      const [before, after] = [watched(one.tokens), watched(other.tokens)];
      await one.startFresh();
      const { element, committed } = createProbe(() => useToken());
      const { render } = await mount(before.lifecycle, element);
      await render(after.lifecycle, element);
      const atOnce = committed.at(-1)?.state;
      await act(() => other.startFresh());
      return {
        atOnce,
        isOthers: committed.at(-1)?.token === other.tokens.peek(),
        listeners: [before.calls.listeners, after.calls.listeners],
      };
    });
    expect(seen).toEqual({ atOnce: 'restoring', isOthers: true, listeners: [0, 1] });
  });

  it('T27 React: a transition that is under way never shows two states at once', async () => {
    const seen = await run(async ({ asLived, createGrid, createTab, mount, twice, useTokenState }) => {
      const tab = createTab();
      await tab.startFresh();
      const { log, size, outputs, element } = createGrid(() => useTokenState(({ state }) => state));
      await mount(tab.tokens, element);
      return asLived(async () => {
        const task = () => new Promise((resolve) => setTimeout(resolve));
        log.show();
        while (log.rendered.length < 3 * twice) await task();
        const renderedBefore = log.rendered.length / twice;
        void tab.tokens.signOut();
        while (outputs().length < size) await task();
        await task();
        const mixed = log.onPage.filter((states) => new Set(states).size > 1).length;
        return { renderedBefore, first: log.rendered[0], mixed, last: log.onPage.at(-1) };
      });
    });
    expect(seen.renderedBefore).toBeLessThan(12);
    expect(seen).toMatchObject({ first: 'fresh', mixed: 0, last: Array(12).fill('signed-out') });
  });
});
