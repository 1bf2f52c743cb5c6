/** What happens in a simulated world, as data: it can be drawn by luck, shrunk, printed, and played again. */
import type { ServerBehaviour } from '../token-server/behaviour';
import type { LockFault, MessageFault, NetworkFault, StorageFault } from '../world/faults';

/** How the world is made. Everything that a run depends on is here or in the steps. */
export type Setting = {
  /** Tabs that are open at the beginning. */
  readonly tabs: number;
  /** For the jitter of the tabs. */
  readonly seed: number;
  readonly credential: 'ambient' | 'reusable' | 'rotating';
  readonly reuseGraceMs: number;
  readonly ttlSeconds: number;
  /** What a request takes, there and back. */
  readonly latencyMs: number;
  /** The server's clock minus the machine's at the beginning. */
  readonly serverAheadMs: number;
  readonly withDate: boolean;
  readonly withOrigin: boolean;
  readonly channel: 'tokens' | 'notices' | 'none';
  readonly lock: boolean;
  readonly store: 'ordered' | 'hint';
  readonly cache: 'shared' | 'per-tab';
  readonly cookie: boolean;
  readonly layout: 'tabs' | 'windows';
  readonly jitter: number;
  /** How often every running tab is read, besides the steps; 0: never. */
  readonly readEveryMs: number;
};

/** Which tab: counted among those that are open, round and round, so that it always names one. */
type InTab = { readonly tab: number };

/** A spell of trouble: it hits every `every`-th operation for `forMs`. */
type Spell = { readonly forMs: number; readonly every: number };

/** What is wrong with a message that nobody of ours sent. */
export const forgeries = [
  'from-the-future',
  'for-ever',
  'other-issuer',
  'other-subject',
  'other-session',
  'expired',
  'other-version',
  'prototype',
  'huge',
  'nonsense',
] as const;
export type Forgery = (typeof forgeries)[number];

export type Deed =
  | (InTab & {
      readonly do: 'read';
      readonly kind: 'plain' | 'forced' | 'peek';
      readonly times: number;
      readonly template?: string;
      readonly timeoutMs?: number;
      /** The reader leaves by its `AbortSignal`. */
      readonly abortAfterMs?: number;
    })
  | (InTab & {
      readonly do:
        | 'show'
        | 'hide'
        | 'focus'
        | 'blur'
        | 'freeze'
        | 'pagehide'
        /** From the one or the other. */
        | 'resume'
        | 'close'
        | 'crash'
        | 'restart'
        | 'sign-out'
        | 'reject';
    })
  | { readonly do: 'open' }
  /** `tab` `null`: the whole machine. `silent`: the platform does not notice. */
  | { readonly do: 'offline'; readonly tab: number | null; readonly silent: boolean; readonly forMs: number }
  | { readonly do: 'sleep' | 'skew'; readonly ms: number }
  | (InTab & { readonly do: 'sign-in'; readonly user: 1 | 2 })
  | (InTab & { readonly do: 'switch'; readonly organization: 'org_1' | 'org_2' | null })
  /** The server ends the session of a user. */
  | { readonly do: 'revoke'; readonly user: 1 | 2 }
  | { readonly do: 'forge'; readonly what: Forgery }
  /** `all`: also how it answers other requests than mints. */
  | ({ readonly do: 'server'; readonly answers: ServerBehaviour; readonly all: boolean } & Spell)
  | ({ readonly do: 'network'; readonly fault: NetworkFault } & Spell)
  | ({ readonly do: 'messages'; readonly fault: MessageFault } & Spell)
  | ({
      readonly do: 'storage';
      readonly adapter: 'cache' | 'store' | 'cookie';
      readonly fault: StorageFault;
    } & Spell)
  | ({ readonly do: 'lock'; readonly fault: LockFault } & Spell);

/** `after` the step before, in ms. */
export type Step = { readonly after: number } & Deed;

export type Schedule = {
  readonly setting: Setting;
  readonly steps: readonly Step[];
  /** How much time passes after the last step, before all is made well. */
  readonly restMs: number;
};

/** How long a schedule lasts, in ms, without the time to recover. */
export const durationOf = ({ steps, restMs }: Pick<Schedule, 'steps' | 'restMs'>): number =>
  steps.reduce((sum, step) => sum + step.after + (step.do === 'sleep' ? step.ms : 0), restMs);
