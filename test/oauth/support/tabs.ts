/** Tabs of one browser in real time, with a real provider: they share what a browser's tabs would. */
import { memoryCache } from '../../../adapters/cache/memory';
import { memoryChannel } from '../../../adapters/channel/memory';
import { createTokenLifecycle } from '../../../adapters/host/create';
import type { LifecycleEvents, LifecycleOptions } from '../../../adapters/host/types';
import { memoryLock } from '../../../adapters/lock/memory';
import { type OAuthTokenSourceOptions, oauthTokenSource } from '../../../adapters/oauth/index';
import { memoryStore } from '../../../adapters/store/memory';
import { clientId } from './provider';

export function openTabs(
  about: Pick<OAuthTokenSourceOptions, 'server'> & Partial<OAuthTokenSourceOptions>,
  more: Partial<LifecycleOptions> = {},
) {
  const shared = { cache: memoryCache(), store: memoryStore(), channel: memoryChannel(), lock: memoryLock() };
  const signedOut: LifecycleEvents['session.signedOut'][] = [];
  const failed: LifecycleEvents['refresh.failed'][] = [];
  const open = () => {
    const source = oauthTokenSource({ client: { client_id: clientId }, ...about });
    const tokens = createTokenLifecycle({ session: { id: 'sess_1' }, namespace: 'app', ...shared, ...more, source });
    tokens.on('session.signedOut', (event) => signedOut.push(event));
    tokens.on('refresh.failed', (event) => failed.push(event));
    return tokens.start();
  };
  return { shared, signedOut, failed, open };
}

/** Until it is so, at most for 15 s: real servers on a slow machine. */
export async function until(what: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > end) throw new Error('It has not come to that.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
