/** Entry `token-lifecycle/react`. The build puts the directive 'use client' on top. */
export type { GetTokenOptions, LifecycleState, TokenLifecycle } from '../host/types';
export type { TokenLifecycleProviderProps } from './provider';
export { TokenLifecycleProvider, useTokenLifecycle } from './provider';
export { useGetToken } from './use-get-token';
export { useReady } from './use-ready';
export type { TokenResult } from './use-token';
export { useToken } from './use-token';
export { useTokenActor } from './use-token-actor';
export { useTokenState } from './use-token-state';
