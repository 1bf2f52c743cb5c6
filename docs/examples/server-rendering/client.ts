/** Takes over the page that the server has rendered. */
import { createElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { documentCookie } from '../../../adapters/cookie/document';
import { createTokenLifecycle } from '../../../adapters/host/create';
import type { LifecycleOptions } from '../../../adapters/host/types';
import { httpTokenSource } from '../../../adapters/source/http';
import { App, type Shared } from './app';

/** The lifecycle of the page: it begins where the server left off, and mints nothing until the token turns stale. */
export const takeOver = (shared: Shared, options: Pick<LifecycleOptions, 'source'> & Partial<LifecycleOptions>) =>
  createTokenLifecycle({ ...shared, ...options });

/** For the page's script: `start(document)`. */
export function start(document: Document): void {
  const root = document.getElementById('root');
  const shared = document.getElementById('shared');
  if (!root || !shared) throw new Error('This page was not rendered by the server.');
  const lifecycle = takeOver(JSON.parse(shared.textContent ?? '') as Shared, {
    source: httpTokenSource({ url: '/tokens' }),
    cookie: documentCookie({ name: '__session' }),
  });
  lifecycle.start();
  hydrateRoot(root, createElement(App, { lifecycle }));
}
