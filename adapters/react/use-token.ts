import { useEffect, useMemo } from 'react';
import { checkObject } from '../../machines/check';
import type { KeyOptions } from '../../machines/key';
import type { LifecycleState, TokenLifecycle } from '../host/types';
import { keepRead } from './keep-read';
import { useKept } from './kept';
import { useProvided } from './provider';

/** What `useToken` gives. */
export type TokenResult = {
  /** The token while readers are served from it, else `null`: never an expired one. `null` alone does not mean signed out. */
  readonly token: string | null;
  readonly state: LifecycleState['state'];
  readonly status: LifecycleState['status'];
  readonly isServing: boolean;
  /** The last failure, until a success. */
  readonly error: LifecycleState['error'];
};

const isPlain = ({ template, organizationId, params }: KeyOptions): boolean =>
  template === undefined && organizationId === undefined && params === undefined;

const resultOf = ({ state, status, serving, error }: LifecycleState, token: string | null): TokenResult => ({
  token,
  state,
  status,
  isServing: serving,
  error,
});

/** A served token ends with `serving`, which is told; that it runs out by the clock, `peek` sees first. */
function readResult(lifecycle: TokenLifecycle, options: KeyOptions): TokenResult {
  const state = lifecycle.getState(options);
  return resultOf(state, state.serving ? lifecycle.peek(options) : null);
}

/** No token is in what a server renders; of other keys it knows no more than whether somebody is signed in. */
function readServerResult(lifecycle: TokenLifecycle, options: KeyOptions): TokenResult {
  const server = lifecycle.getServerState();
  if (isPlain(options) || server.state === 'signed-out') return resultOf(server, null);
  return { token: null, state: 'restoring', status: 'ok', isServing: false, error: null };
}

/** Equal in all five. */
export const sameResult = (a: TokenResult, b: TokenResult): boolean =>
  a.token === b.token &&
  a.state === b.state &&
  a.status === b.status &&
  a.isServing === b.isServing &&
  a.error === b.error;

const none: KeyOptions = Object.freeze({});

/**
 * A token and how it stands with it. The component renders again when one of the five changes.
 *
 * Without options: the session's token, which the lifecycle keeps fresh by itself; the hook asks for nothing. With options:
 * the token of another key, which the hook asks for as long as the component is mounted.
 *
 * @param options `template`, `organizationId`, `params`, as for `getToken`; may be written in place
 * @throws ConfigurationError outside of a `TokenLifecycleProvider`, or for an option that cannot work
 * @example
 * const { token, state, isServing } = useToken();
 * if (state === 'signed-out') return <SignIn />;
 */
export function useToken(options: KeyOptions = none): TokenResult {
  const lifecycle = useProvided('useToken');
  checkObject('useToken', options);
  const { template, organizationId, params } = options;
  const paramsText = JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an object written in place is a new one with each render; what is in it counts.
  const asked = useMemo(() => {
    // Refuses what cannot work, also where a server renders.
    lifecycle.getState(options);
    return options;
  }, [lifecycle, template, organizationId, paramsText]);
  const [read, readOnServer] = useMemo(
    () => [() => readResult(lifecycle, asked), () => readServerResult(lifecycle, asked)],
    [lifecycle, asked],
  );
  useEffect(() => (isPlain(asked) ? undefined : keepRead(lifecycle, asked)), [lifecycle, asked]);
  return useKept(lifecycle.subscribe, read, readOnServer, sameResult);
}
