/** Two tabs of one browser, a lock, what they share, and messages on their way. */
import type { TokenFacts } from '../../../../machines/held-token';
import type { TokenEffect, TokenState } from '../lifecycle/world';
import type { Move } from '../system';

export type TabIndex = 0 | 1;
export const tabIndices: readonly TabIndex[] = [0, 1];
export const otherOf = (tab: TabIndex): TabIndex => (tab === 0 ? 1 : 0);

export type Message = { readonly to: TabIndex; readonly doubled: boolean } & (
  | { readonly is: 'token'; readonly token: TokenFacts }
  | { readonly is: 'signed-out' }
);

export type TabsState = {
  readonly tabs: readonly [TokenState, TokenState];
  /** Who has the lock; `null` while nobody has. */
  readonly lock: TabIndex | null;
  /** A tab has gone on without the lock: two mints may run then. */
  readonly lockFailed: boolean;
  /** The freshest token that any tab minted, as the shared record and the cache have it. */
  readonly record: TokenFacts | null;
  readonly messages: readonly Message[];
};

export type TabsEffect = { readonly tab: TabIndex; readonly effect: TokenEffect };
export type TabsLanding = { readonly state: TabsState; readonly effects: readonly TabsEffect[] };

export type TabsMove = Move & {
  /** What it is for the tab alone: laws of one tab go by that. */
  readonly inner: string;
  does(state: TabsState): TabsLanding;
};

export const isMinting = ({ jobs }: TokenState): boolean => jobs.some(({ src }) => src === 'mint');
export const isSignedOut = ({ snapshot }: TokenState): boolean => snapshot.matches('signed-out');

export const withTab = ([first, second]: TabsState['tabs'], tab: TabIndex, next: TokenState): TabsState['tabs'] =>
  tab === 0 ? [next, second] : [first, next];
