/** What can be made to go wrong, each asked at the moment when it would. Leave a hook out, or answer nothing: all goes well. */
import type { Operation } from '../token-server/request';

/** Of one request. */
export type NetworkFault = {
  /** How long it takes to get there, and the answer to come back, in ms. Default half the latency each. */
  readonly upMs?: number;
  readonly downMs?: number;
  /** `request`: the server never sees it. `response`: it acts, and the client does not hear of it. */
  readonly lose?: 'request' | 'response';
  /** How the client notices a loss. Default `fails`: the connection breaks; or it waits until it gives up. */
  readonly loss?: 'fails' | 'hangs';
};

/** Of one message on its way to one tab. */
export type MessageFault = {
  readonly lose?: boolean;
  /** Beyond the millisecond that a message takes anyway. */
  readonly delayMs?: number;
  /** Default 1. */
  readonly copies?: number;
};

/** Of one operation. `throws`: as where storage is denied. `full`: as where the quota is used up. `hangs`: it never answers. */
export type StorageFault = 'throws' | 'full' | 'hangs' | { readonly delayMs: number };

export type StorageOperation = {
  readonly tab: number;
  readonly adapter: 'cache' | 'store' | 'cookie';
  /** The method's name. */
  readonly operation: string;
};

/**
 * Of one lock. `unavailable`: there is none for this request. `never`: it is not granted for as long as anybody waits.
 * `steal`: it is taken away from its holder after `afterMs`.
 */
export type LockFault = 'unavailable' | 'never' | { readonly steal: true; readonly afterMs: number };

export type WorldFaults = {
  network?(request: {
    readonly tab: number;
    readonly op: Operation;
    readonly id: number;
  }): NetworkFault | null | undefined;
  message?(message: {
    readonly from: number | null;
    readonly to: number;
    readonly kind: string | null;
  }): MessageFault | null | undefined;
  storage?(operation: StorageOperation): StorageFault | null | undefined;
  lock?(request: { readonly tab: number; readonly name: string }): LockFault | null | undefined;
};
