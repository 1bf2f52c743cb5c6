/** A page that a server renders and a browser takes over. The same file for both. */
import { useSelector } from '@xstate/react';
import { createElement, type ReactElement, type ReactNode, StrictMode, Suspense } from 'react';
import type { LifecycleOptions, TokenLifecycle } from '../../../adapters/host/types';
import {
  TokenLifecycleProvider,
  useReady,
  useToken,
  useTokenActor,
  useTokenLifecycle,
  useTokenState,
} from '../../../adapters/react/index';

export type PageOptions = {
  /** The same for the lifecycle of the server and for that of the browser. */
  readonly shared?: Pick<LifecycleOptions, 'session' | 'hydrate'>;
  /** Only the browser's lifecycle gets it. */
  readonly initialToken?: string;
  /** The browser takes over when it has a token already, not before. */
  readonly isLate?: boolean;
  readonly isStrict?: boolean;
  readonly withReady?: boolean;
  /** Reads the actor by useSelector of @xstate/react. */
  readonly withSelector?: boolean;
};

/** How often each component was rendered. */
export type Renders = Record<'account' | 'status', number>;

type Props = { readonly renders: Renders };

const unknown = createElement('p', { id: 'unknown' }, 'unknown');

function Account({ renders, withReady }: Props & { readonly withReady: boolean }): ReactNode {
  renders.account += 1;
  const { signOut } = useTokenLifecycle();
  const { state, token } = useToken();
  return createElement(
    'div',
    null,
    createElement('p', { id: 'state' }, state),
    createElement('p', { id: 'token' }, token === null ? 'no token' : 'a token'),
    createElement('button', { id: 'sign-out', type: 'button', onClick: () => void signOut() }, 'Sign out'),
    // New with each render: what is not taken over yet must bear an update.
    withReady && createElement(Suspense, { fallback: unknown }, createElement(Ready)),
  );
}

function Status({ renders }: Props): ReactNode {
  renders.status += 1;
  return createElement(
    'p',
    { id: 'status' },
    useTokenState(({ status }) => status),
  );
}

function Ready(): ReactNode {
  useReady();
  return createElement('p', { id: 'ready' }, 'known');
}

function Selected(): ReactNode {
  const actor = useTokenActor();
  return createElement(
    'p',
    null,
    useSelector(actor, ({ context }) => context.epoch),
  );
}

export function createApp(lifecycle: TokenLifecycle, options: PageOptions, renders: Renders): ReactElement {
  const app = createElement(
    TokenLifecycleProvider,
    { lifecycle },
    createElement(Account, { renders, withReady: options.withReady === true }),
    createElement(Status, { renders }),
    options.withSelector && createElement(Selected),
  );
  return options.isStrict ? createElement(StrictMode, null, app) : app;
}
