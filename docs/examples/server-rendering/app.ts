import { createElement, type ReactElement } from 'react';
import type { TokenLifecycle } from '../../../adapters/host/types';
import { TokenLifecycleProvider, useTokenState } from '../../../adapters/react/index';

/** What server and browser have in common. Travels in the page, and is as secret as the token in it. */
export type Shared = {
  readonly session: { readonly id: string; readonly organizationId?: string } | null;
  readonly hydrate?: ReturnType<TokenLifecycle['dehydrate']>;
  readonly initialToken?: string;
};

function Account(): ReactElement {
  const state = useTokenState(({ state }) => state);
  const who = useTokenState(({ sessionId }) => sessionId);
  return createElement('p', { id: 'account' }, state === 'signed-out' ? 'Signed out' : `${who}: ${state}`);
}

/** The page's content, for both. */
export const App = ({ lifecycle }: { readonly lifecycle: TokenLifecycle }): ReactElement =>
  createElement(TokenLifecycleProvider, { lifecycle }, createElement(Account));
