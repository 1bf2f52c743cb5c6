import { createTokenLifecycle, documentCookie, httpTokenSource, type TokenLifecycle } from '../../../index';
import type { Network } from './network';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The lifecycle of this page: everything that an application would write. No session is given; it is restored from the
 * cookie, so that a reload finds the user signed in.
 */
export function createTokens(network: Network): TokenLifecycle {
  return createTokenLifecycle({
    source: httpTokenSource({ url: '/tokens', sessionUrl: '/session', revokeUrl: '/sign-out', fetch: network.fetch }),
    // An expired cookie stays for a day: in an outage, it is what the next token is minted from.
    cookie: documentCookie({ name: '__session', outageWindowMs: dayMs }),
    connectivity: network.connectivity,
  });
}
