import { expect, it } from 'vitest';
import { describeOnPage } from '../react/support/page';

describeOnPage('useReady', (run) => {
  it('T3 React: it suspends before the start and while restoring, and no longer', async () => {
    const seen = await run(async ({ act, createElement, createGate, createProbe, createTab, mount, ...react }) => {
      const { opened, open } = createGate();
      const tab = createTab({ cache: { get: () => opened.then(() => undefined), set: () => {}, deleteAll: () => {} } });
      const { element, committed } = createProbe(() => {
        react.useReady();
        return react.useTokenState(({ state }) => state);
      });
      const { visible } = await mount(tab.tokens, createElement(react.Suspense, { fallback: 'waiting' }, element));
      const shown = [visible()];
      await act(async () => {
        tab.tokens.start();
      });
      shown.push(visible());
      await act(async () => {
        open();
        await tab.clock.settle();
      });
      shown.push(visible());
      return { shown, first: committed[0] };
    });
    expect(seen).toEqual({ shown: ['waiting', 'waiting', '"refreshing"'], first: 'refreshing' });
  });

  it('T1 React: what is mounted when it is known does not wait, not even for a moment', async () => {
    const seen = await run(async ({ createElement, createProbe, createTab, mount, Suspense, useReady }) => {
      const tab = createTab();
      await tab.startFresh();
      const waiting = createProbe(() => 'waiting');
      const { element } = createProbe(() => {
        useReady();
        return 'there';
      });
      const { visible } = await mount(tab.tokens, createElement(Suspense, { fallback: waiting.element }, element));
      return { shown: visible(), waits: waiting.rendered.length };
    });
    expect(seen).toEqual({ shown: '"there"', waits: 0 });
  });

  it('T4 React: to be signed out is to be ready', async () => {
    const seen = await run(async ({ act, createElement, createProbe, createUnnamedTab, mount, Suspense, ...react }) => {
      const tab = createUnnamedTab();
      const { element } = createProbe(() => {
        react.useReady();
        return react.useToken().state;
      });
      const { visible } = await mount(tab.tokens, createElement(Suspense, { fallback: 'waiting' }, element));
      const before = visible();
      await act(async () => {
        tab.tokens.start();
        await tab.clock.settle();
      });
      return [before, visible()];
    });
    expect(seen).toEqual(['waiting', '"signed-out"']);
  });

  it('R4.12 React: a stop while it waits throws nothing; the next start ends the waiting', async () => {
    const seen = await run(async ({ act, createElement, createGate, createProbe, createTab, mount, ...react }) => {
      const { opened, open } = createGate();
      const tab = createTab({ cache: { get: () => opened.then(() => undefined), set: () => {}, deleteAll: () => {} } });
      const { element } = createProbe(() => {
        react.useReady();
        return 'there';
      });
      const { visible } = await mount(tab.tokens, createElement(react.Suspense, { fallback: 'waiting' }, element));
      await act(async () => {
        tab.tokens.start().stop();
        await tab.clock.settle();
      });
      const stopped = visible();
      await act(async () => {
        open();
        tab.tokens.start();
        await tab.clock.settle();
      });
      return [stopped, visible()];
    });
    expect(seen).toEqual(['waiting', '"there"']);
  });

  it('T29 React: a switch that restores again hides nothing, and keeps nothing new back', async () => {
    const seen = await run(async ({ act, createElement, createProbe, createTab, mount, ...react }) => {
      let isSlow = false;
      const get = () => (isSlow ? new Promise<never>(() => {}) : undefined);
      const tab = createTab({ cache: { get, set: () => {}, deleteAll: () => {} } });
      const ready = (hook: () => unknown) =>
        createProbe(() => {
          react.useReady();
          return hook();
        });
      const first = ready(() => react.useTokenState(({ state }) => state));
      const later = ready(() => 'later');
      const { visible, render } = await mount(
        tab.tokens,
        createElement(react.Suspense, { fallback: 'waiting' }, first.element),
      );
      await act(() => tab.startFresh());
      isSlow = true;
      await act(async () => {
        tab.tokens.setActive({ organizationId: 'org_2' });
        await tab.clock.settle();
      });
      const switched = visible();
      await render(
        tab.tokens,
        createElement(react.Suspense, { fallback: 'waiting' }, first.element, createElement('br'), later.element),
      );
      return { switched, both: visible() };
    });
    expect(seen).toEqual({ switched: '"restoring"', both: '"restoring"\n"later"' });
  });

  it('L4 React: what is unmounted while it waits leaves no subscription', async () => {
    const seen = await run(
      async ({ act, createElement, createProbe, createTab, mount, Suspense, useReady, watched }) => {
        const tab = createTab();
        const { lifecycle, calls } = watched(tab.tokens);
        const { element } = createProbe(() => useReady());
        const { visible, unmount } = await mount(lifecycle, createElement(Suspense, { fallback: 'waiting' }, element));
        const during = visible();
        await unmount();
        await act(() => tab.startFresh());
        return { during, listeners: calls.listeners, after: visible() };
      },
    );
    expect(seen).toEqual({ during: 'waiting', listeners: 0, after: '' });
  });

  it('T3 React: several that wait come together, and the page around them does not wait', async () => {
    const seen = await run(async ({ act, createElement, createProbe, createTab, mount, Suspense, useReady }) => {
      const tab = createTab();
      const [one, other] = ['one', 'other'].map((name) =>
        createProbe(() => {
          useReady();
          return name;
        }),
      );
      const { visible } = await mount(
        tab.tokens,
        createElement(
          'div',
          null,
          'around ',
          createElement(Suspense, { fallback: 'waiting' }, one?.element, ' ', other?.element),
        ),
      );
      const before = visible();
      await act(() => tab.startFresh());
      return [before, visible()];
    });
    expect(seen).toEqual(['around waiting', 'around "one" "other"']);
  });
});
