import {
  createTokenLifecycle,
  documentCookie,
  httpTokenSource,
  type LifecycleOptions,
  type TokenLifecycle,
} from '../../../../index';
import { tokenCookieName } from './cookie';
import type { Network } from './network';
import { demoPolicy } from './policy';
import type { Trouble } from './trouble';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The lifecycle of this page: everything that an application would write, and the adapters that can be made to fail. No session
 * is given; it is restored from the cookie, so that a reload finds the user signed in.
 */
export function createTokens(network: Network, trouble: Trouble, inspect: LifecycleOptions['inspect']): TokenLifecycle {
  return createTokenLifecycle({
    source: httpTokenSource({ url: '/tokens', sessionUrl: '/session', revokeUrl: '/sign-out', fetch: network.fetch }),
    // An expired cookie stays for a day: in an outage, it is what the next token is minted from.
    cookie: documentCookie({ name: tokenCookieName, outageWindowMs: dayMs }),
    connectivity: network.connectivity,
    policy: demoPolicy,
    ...trouble.adapters,
    ...(inspect && { inspect }),
  });
}
