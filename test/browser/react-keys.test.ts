import { expect, it } from 'vitest';
import { describeOnPage } from '../react/support/page';

describeOnPage('useToken with options', (run) => {
  it('R4.5 React: it asks for the token of its key, once for all who show it, and has that key’s state', async () => {
    const seen = await run(async ({ act, createElement, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      await tab.startFresh();
      tab.server.respondWith(({ key }) => (key.template === 'bad' ? { do: 'status', status: 503 } : { do: 'mint' }));
      const probes = {
        own: createProbe(() => useToken()),
        good: createProbe(() => useToken({ template: 'good' })),
        goodToo: createProbe(() => useToken({ template: 'good' })),
        bad: createProbe(() => useToken({ template: 'bad' })),
      };
      const elements = Object.values(probes).map(({ element }) => element);
      await mount(tab.tokens, createElement('div', null, ...elements));
      await act(() => tab.clock.advance(1_000));
      const summary = Object.entries(probes).map(([name, { committed }]) => {
        const { token, state, status, isServing, error } = committed.at(-1) ?? {};
        return [name, { issued: tab.server.issued.indexOf(token ?? ''), state, status, isServing, error: error?.code }];
      });
      const asked = tab.server.requests.map(({ request }) => request.key.template ?? 'own');
      return { asked, ...Object.fromEntries(summary) };
    });
    const fine = { state: 'fresh', status: 'ok', isServing: true };
    expect(seen).toEqual({
      asked: ['own', 'good', 'bad'],
      own: { issued: 0, ...fine },
      good: { issued: 1, ...fine },
      goodToo: { issued: 1, ...fine },
      bad: { issued: -1, state: 'outage-fallback', status: 'degraded', isServing: false, error: 'request_failed' },
    });
  });

  it('T6 React: it keeps its token fresh while mounted, and no longer', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      await tab.startFresh();
      const minted = () => tab.server.requests.filter(({ request }) => request.key.template === 'api').length;
      const { element, committed } = createProbe(() => useToken({ template: 'api' }).token !== null);
      const { unmount } = await mount(tab.tokens, element);
      await act(() => tab.clock.advance(100));
      const before = committed.length;
      await act(() => tab.clock.advance(4 * 43_000));
      const mounted = minted();
      const gaps = committed.slice(before).filter((hasToken) => !hasToken).length;
      await unmount();
      await tab.clock.advance(43_000);
      const last = minted();
      await tab.clock.advance(4 * 43_000);
      return { mounted, gaps, further: minted() - last };
    });
    expect(seen).toEqual({ mounted: 5, gaps: 0, further: 0 });
  });

  it('React: options written in place neither subscribe nor ask again; other options do', async () => {
    const seen = await run(async ({ act, cloneElement, createProbe, createTab, mount, useToken, watched }) => {
      const tab = createTab();
      const { lifecycle, calls } = watched(tab.tokens);
      await tab.startFresh();
      let options: Parameters<typeof useToken>[0] = {};
      const { element, committed } = createProbe(() => useToken({ ...options }).token);
      const { render } = await mount(lifecycle, element);
      /** What is shown at once, and after the answer: which of the tokens that the server gave out. */
      const change = async (next: typeof options) => {
        options = next;
        await render(lifecycle, cloneElement(element));
        const atOnce = committed.at(-1);
        await act(() => tab.clock.advance(1_000));
        return [atOnce, committed.at(-1)].map((token) => tab.server.issued.indexOf(token ?? ''));
      };
      const first = await change({ template: 'api', params: { audience: 'a' } });
      const before = { ...calls };
      for (let again = 0; again < 5; again += 1) await change({ template: 'api', params: { audience: 'a' } });
      const isStill = calls.subscribed === before.subscribed && calls.reads === before.reads;
      return {
        isStill,
        reads: before.reads,
        first,
        others: [
          await change({ template: 'api', params: { audience: 'b' } }),
          await change({ template: 'web', params: { audience: 'b' } }),
          await change({ template: 'web', params: { audience: 'b' }, organizationId: 'org_2' }),
          await change({}),
        ],
        listeners: calls.listeners,
      };
    });
    expect(seen).toEqual({
      isStill: true,
      // Once for the options, once for the token that came of them: it shall not be the last.
      reads: 2,
      first: [-1, 1],
      others: [
        [-1, 2],
        [-1, 3],
        [-1, 4],
        [0, 0],
      ],
      listeners: 1,
    });
  });

  it('T27 T28 T29 React: it follows who is signed in', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      await tab.startFresh();
      const { element, committed } = createProbe(() => useToken({ template: 'api' }));
      await mount(tab.tokens, element);
      const now = async (change: () => unknown) => {
        await act(async () => {
          await change();
          await tab.clock.advance(100);
        });
        const { token, state } = committed.at(-1) ?? {};
        const request = tab.server.requests[tab.server.issued.indexOf(token ?? '')]?.request.key;
        return [state, request ? `${request.sessionId} ${request.organizationId} ${request.template}` : null];
      };
      return [
        await now(() => {}),
        await now(() => tab.tokens.setActive({ organizationId: 'org_2' })),
        await now(() => tab.tokens.signOut()),
        await now(() => tab.tokens.signIn({ session: { id: 'sess_2' } })),
      ];
    });
    expect(seen).toEqual([
      ['fresh', 'sess_1 undefined api'],
      ['fresh', 'sess_1 org_2 api'],
      ['signed-out', null],
      ['fresh', 'sess_2 undefined api'],
    ]);
  });

  it('L2 React: after a failure the token comes without anybody asking again', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken, watched }) => {
      const tab = createTab();
      const { lifecycle, calls } = watched(tab.tokens);
      await tab.startFresh();
      tab.server.script([{ do: 'status', status: 503 }, { do: 'drop' }]);
      const { element, committed } = createProbe(() => useToken({ template: 'api' }));
      await mount(lifecycle, element);
      const reads = calls.reads;
      await act(() => tab.clock.advance(7_000));
      const failing = committed.at(-1);
      const furtherReads = calls.reads - reads;
      await act(() => tab.clock.advance(1_000));
      const well = committed.at(-1);
      return { furtherReads, failing: failing?.error?.code, state: well?.state, isBack: well?.token !== null };
    });
    expect(seen).toEqual({ furtherReads: 0, failing: 'request_failed', state: 'fresh', isBack: true });
  });

  it('R4.11 React: mounted before the start it asks when it is known who is signed in', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useToken }) => {
      const tab = createTab();
      const { element, committed } = createProbe(() => useToken({ template: 'api' }));
      await mount(tab.tokens, element);
      const before = committed.at(-1);
      await act(async () => {
        await tab.startFresh();
        await tab.clock.advance(100);
      });
      return [before, committed.at(-1)].map((one) => [one?.state, one?.token !== null]);
    });
    expect(seen).toEqual([
      ['restoring', false],
      ['fresh', true],
    ]);
  });
});

describeOnPage('useTokenActor', (run) => {
  it('React: useSelector of @xstate/react follows the actor, also over a stop and a start', async () => {
    const seen = await run(async ({ act, createProbe, createTab, mount, useSelector, useTokenActor }) => {
      const tab = createTab();
      const { element, committed } = createProbe(() => {
        const actor = useTokenActor();
        const session = useSelector(actor, ({ context }) => context.session?.id ?? null);
        return { isCurrent: actor === tab.tokens.actor, session };
      });
      await mount(tab.tokens, element);
      await act(() => tab.startFresh());
      const restarts = [];
      for (let restart = 0; restart < 2; restart += 1) {
        await act(async () => tab.tokens.stop());
        restarts.push(committed.at(-1));
        await act(async () => {
          tab.tokens.start();
        });
      }
      await act(async () => {
        await tab.tokens.signOut();
      });
      return { restarts, signedOut: committed.at(-1) };
    });
    const here = { isCurrent: true, session: 'sess_1' };
    expect(seen).toEqual({ restarts: [here, here], signedOut: { isCurrent: true, session: null } });
  });

  it('L4 React: unmounted in the very moment of a stop it does not follow the next actor', async () => {
    const observers = await run(async ({ act, createProbe, createTab, mount, useTokenActor }) => {
      const tab = createTab();
      await tab.startFresh();
      const { element } = createProbe(() => useTokenActor().id);
      const { unmount } = await mount(tab.tokens, element);
      await act(async () => {
        tab.tokens.stop();
        await unmount();
      });
      return (tab.tokens.actor as unknown as { observers: ReadonlySet<unknown> }).observers.size;
    });
    // The host's own.
    expect(observers).toBe(1);
  });
});
