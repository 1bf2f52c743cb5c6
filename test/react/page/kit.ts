/** What a scenario finds in the page: React, the entry, a tab in virtual time, and components that count. */
import { useSelector } from '@xstate/react';
import { act, cloneElement, createElement, type ReactNode, StrictMode, Suspense, useLayoutEffect } from 'react';
import { createRoot } from 'react-dom/client';
import type { GetTokenOptions, TokenLifecycle } from '../../../adapters/host/types';
import * as entry from '../../../adapters/react/index';
import { createTab, createUnnamedTab } from '../../support/tab';
import { createGrid } from './grid';

type Watch<Value> = { readonly hook: () => Value; readonly rendered: Value[]; readonly committed: Value[] };

/** Calls a hook and keeps what it gave: with each render, and with what got onto the page. */
function Probe<Value>({ watch }: { readonly watch: Watch<Value> }): ReactNode {
  const value = watch.hook();
  watch.rendered.push(value);
  useLayoutEffect(() => {
    watch.committed.push(value);
  });
  return createElement('output', null, JSON.stringify(value));
}

function createProbe<Value>(hook: () => Value) {
  const watch: Watch<Value> = { hook, rendered: [], committed: [] };
  return { ...watch, element: createElement(Probe<Value>, { watch }) };
}

/** Lets React work as on any page: inside `act` all that happens becomes one render. */
async function asLived<Result>(work: () => Promise<Result>): Promise<Result> {
  const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
  environment.IS_REACT_ACT_ENVIRONMENT = false;
  try {
    return await work();
  } finally {
    environment.IS_REACT_ACT_ENVIRONMENT = true;
  }
}

/** Something that opens once. */
function createGate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Counts who listens to a lifecycle, reads from it, starts or stops it; the rest is the lifecycle's own. */
function watched(tokens: TokenLifecycle) {
  const calls = { starts: 0, stops: 0, subscribed: 0, listeners: 0, reads: 0 };
  const lifecycle: TokenLifecycle = Object.create(tokens, {
    start: {
      value: () => {
        calls.starts += 1;
        return tokens.start();
      },
    },
    stop: {
      value: () => {
        calls.stops += 1;
        tokens.stop();
      },
    },
    getToken: {
      value: (options?: GetTokenOptions) => {
        calls.reads += 1;
        return tokens.getToken(options);
      },
    },
    subscribe: {
      value: (listener: () => void) => {
        const leave = tokens.subscribe(listener);
        calls.subscribed += 1;
        calls.listeners += 1;
        return () => {
          calls.listeners -= 1;
          leave();
        };
      },
    },
  });
  return { lifecycle, calls };
}

function createKit(isStrict: boolean) {
  const wrap = (tokens: TokenLifecycle, children: ReactNode): ReactNode => {
    const tree = createElement(entry.TokenLifecycleProvider, { lifecycle: tokens }, children);
    return isStrict ? createElement(StrictMode, null, tree) : tree;
  };
  return {
    ...entry,
    act,
    asLived,
    createElement,
    cloneElement,
    createGate,
    createGrid,
    createProbe,
    createTab,
    createUnnamedTab,
    Suspense,
    useSelector,
    watched,
    /** StrictMode renders each time twice. */
    twice: isStrict ? 2 : 1,
    /** Puts `children` below a provider, onto the page. */
    mount: async (tokens: TokenLifecycle, children: ReactNode) => {
      const container = document.body.appendChild(document.createElement('main'));
      const root = createRoot(container);
      const render = (lifecycle: TokenLifecycle, next: ReactNode) =>
        act(async () => root.render(wrap(lifecycle, next)));
      await render(tokens, children);
      return {
        render,
        text: () => container.textContent ?? '',
        /** What is to be seen: React hides what is suspended, and leaves it in place. */
        // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not to be in it.
        visible: () => container.innerText,
        unmount: () => act(async () => root.unmount()),
      };
    },
  };
}

export type Kit = ReturnType<typeof createKit>;

Object.assign(globalThis, { createKit, IS_REACT_ACT_ENVIRONMENT: true });
