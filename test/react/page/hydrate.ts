/** The page's own script: takes over what the server rendered. */
import { hydrateRoot } from 'react-dom/client';
import { createTokenLifecycle } from '../../../adapters/host/create';
import { httpTokenSource } from '../../../adapters/source/http';
import { createApp, type PageOptions, type Renders } from './app';

const renders: Renders = { account: 0, status: 0 };

async function takeOver(): Promise<void> {
  const options = JSON.parse(document.getElementById('options')?.textContent ?? '{}') as PageOptions;
  const tokens = createTokenLifecycle({
    ...options.shared,
    ...(options.initialToken !== undefined && { initialToken: options.initialToken }),
    source: httpTokenSource({ url: '/tokens' }),
    policy: { jitter: 0 },
  }).start();
  if (options.isLate) await tokens.getToken();
  const root = document.getElementById('root');
  if (root) hydrateRoot(root, createApp(tokens, options, renders));
}

Object.assign(globalThis, { renders });
void takeOver();
