/** What a server renders, and what the hooks say to callers that are mistaken. */
import { Writable } from 'node:stream';
import { createElement, type ReactElement, type ReactNode, Suspense } from 'react';
import { renderToPipeableStream, renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { TokenLifecycle } from '../../adapters/host/types';
import {
  TokenLifecycleProvider,
  useGetToken,
  useReady,
  useToken,
  useTokenActor,
  useTokenLifecycle,
  useTokenState,
} from '../../adapters/react/index';
import { ConfigurationError } from '../../machines/errors';
import { createTab, type Tab } from '../support/tab';

function Show({ hook }: { readonly hook: () => unknown }): ReactNode {
  return createElement('output', null, JSON.stringify(hook()));
}

const below = (lifecycle: TokenLifecycle, children: ReactNode): ReactElement =>
  createElement(TokenLifecycleProvider, { lifecycle }, children);

/** What `hook` gives while a server renders. */
function rendered(tokens: TokenLifecycle, hook: () => unknown): unknown {
  let seen: unknown;
  const keep = () => {
    seen = hook();
  };
  renderToString(below(tokens, createElement(Show, { hook: keep })));
  return seen;
}

/** The whole stream, and what went wrong in it. */
function stream(element: ReactElement): Promise<{ html: string; errors: unknown[] }> {
  return new Promise((resolve) => {
    const errors: unknown[] = [];
    let html = '';
    const sink = new Writable({
      write: (chunk, _, done) => {
        html += chunk;
        done();
      },
      final: (done) => {
        done();
        resolve({ html, errors });
      },
    });
    const { pipe } = renderToPipeableStream(element, {
      onError: (error) => void errors.push(error),
      onAllReady: () => pipe(sink),
    });
  });
}

const restoring = { token: null, state: 'restoring', status: 'ok', isServing: false, error: null };

/** What a server knows after it has looked. */
async function dehydrated(): Promise<ReturnType<TokenLifecycle['dehydrate']>> {
  const tab = createTab();
  await tab.startFresh();
  return tab.tokens.dehydrate();
}

describe('on a server', () => {
  it('S11 React: no token is rendered, not even where one is held', async () => {
    const tab = createTab();
    await tab.startFresh();
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    expect(rendered(tab.tokens, () => useToken())).toEqual(restoring);
    expect(rendered(tab.tokens, () => useTokenState(({ state }) => state))).toBe('restoring');
  });

  it('T4 React: nobody signed in is told as that', () => {
    const { tokens } = createTab({ session: null });
    expect(rendered(tokens, () => useToken())).toEqual({ ...restoring, state: 'signed-out' });
    expect(rendered(tokens, () => useToken({ template: 'api' }))).toEqual({ ...restoring, state: 'signed-out' });
  });

  it('S11 React: with the dehydrated state it renders that, without the token', async () => {
    const { tokens } = createTab({ hydrate: await dehydrated() });
    const fresh = { token: null, state: 'fresh', status: 'ok', isServing: true, error: null };
    expect(rendered(tokens, () => useToken())).toEqual(fresh);
    expect(rendered(tokens, () => useTokenState(({ sessionId }) => sessionId))).toBe('sess_1');
    expect(rendered(tokens, () => useToken({ template: 'api' }))).toEqual(restoring);
    expect(rendered(tokens, () => useToken({ organizationId: null }))).toEqual(restoring);
  });

  it('React: after dehydrate() it renders what the browser begins with', async () => {
    const tab = createTab();
    await tab.startFresh();
    const hydrate = tab.tokens.dehydrate();
    tab.tokens.stop();
    const hook = () => [
      useToken(),
      useToken({ template: 'api' }),
      useTokenState((state) => state),
      useReady() ?? 'known',
    ];
    const ofServer = rendered(tab.tokens, hook);
    expect(ofServer).toEqual(rendered(createTab({ hydrate }).tokens, hook));
    expect(ofServer).toMatchObject([{ token: null, state: 'fresh' }, restoring, { sessionId: 'sess_1' }, 'known']);
  });

  it('R4.11 React: rendering starts nothing, asks for nothing and leaves nothing', async () => {
    const tab: Tab = createTab();
    rendered(tab.tokens, () => [useToken(), useToken({ template: 'api' }), useGetToken(), useTokenActor()]);
    await tab.clock.settle();
    expect(tab.server.requests).toEqual([]);
    expect(tab.clock.pending).toBe(0);
    expect(tab.tokens.getState().state).toBe('restoring');
  });

  it('React: useTokenActor and useTokenLifecycle give what the lifecycle has', () => {
    const { tokens } = createTab();
    expect(rendered(tokens, () => useTokenActor())).toBe(tokens.actor);
    expect(rendered(tokens, () => useTokenLifecycle())).toBe(tokens);
  });

  it('R4.11 React: useReady sends the fallback at once, says why, and keeps no stream open', async () => {
    const { tokens } = createTab();
    const ready = createElement(Show, { hook: () => useReady() });
    const { html, errors } = await stream(
      below(tokens, createElement(Suspense, { fallback: 'waiting' }, createElement('b', null, 'content'), ready)),
    );
    expect(html).toContain('waiting');
    expect(html).not.toContain('content');
    expect(errors).toEqual([expect.objectContaining({ code: 'invalid_option', option: 'useReady' })]);
    expect(String(errors[0])).toContain('dehydrate()');
  });

  it('React: useReady lets through what the server knows', async () => {
    const show = createElement(Show, { hook: () => useReady() ?? 'content' });
    for (const options of [{ hydrate: await dehydrated() }, { session: null }]) {
      const { html, errors } = await stream(
        below(createTab(options).tokens, createElement(Suspense, { fallback: 'waiting' }, show)),
      );
      expect(html).toContain('content');
      expect(html).not.toContain('waiting');
      expect(errors).toEqual([]);
    }
  });
});

describe('for mistaken callers', () => {
  const hooks: readonly (readonly [string, () => unknown])[] = [
    ['useToken', () => useToken()],
    ['useTokenState', () => useTokenState(({ state }) => state)],
    ['useGetToken', () => useGetToken()],
    ['useReady', () => useReady()],
    ['useTokenActor', () => useTokenActor()],
    ['useTokenLifecycle', () => useTokenLifecycle()],
  ];

  /** The error that a render throws. */
  const thrownBy = (element: ReactElement): ConfigurationError => {
    try {
      renderToString(element);
    } catch (error) {
      if (ConfigurationError.is(error)) return error;
      throw error;
    }
    throw new Error('Nothing was thrown.');
  };

  it.each(hooks)('React: %s without a provider says what is missing', (name, hook) => {
    const { option, code, message } = thrownBy(createElement(Show, { hook }));
    expect({ option, code }).toEqual({ option: name, code: 'invalid_option' });
    expect(message).toBe(
      `${name} needs a provider: render <TokenLifecycleProvider lifecycle={tokens}> above the component that calls it.`,
    );
  });

  it.each([undefined, null, {}, 'tokens', () => {}])('React: a provider takes no %s for a lifecycle', (lifecycle) => {
    const { option } = thrownBy(below(lifecycle as unknown as TokenLifecycle, null));
    expect(option).toMatch(/^TokenLifecycleProvider\.lifecycle/);
  });

  it.each([
    ['a template for options', 'useToken', () => useToken('api' as never)],
    ['null for options', 'useToken', () => useToken(null as never)],
    ['a misspelt option', 'getState.templte', () => useToken({ templte: 'api' } as never)],
    ['an option of another type', 'getState.template', () => useToken({ template: () => 'api' } as never)],
    ['a name for a selector', 'useTokenState.selector', () => useTokenState('state' as never)],
    ['a flag for equal', 'useTokenState.equal', () => useTokenState(({ state }) => state, true as never)],
  ])('React: %s is refused', (_, option, hook) => {
    const { tokens } = createTab();
    expect(thrownBy(below(tokens, createElement(Show, { hook }))).option).toBe(option);
  });
});
