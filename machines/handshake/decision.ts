/** Snapshot → what the caller has to do. The only reader of the handshake machine's snapshots. */
import type { SnapshotFrom } from 'xstate';
import type { handshakeMachine } from './machine';
import type { HandshakeReason, SignedOutReason, UnavailableReason } from './reasons';

/** `cookie`: the place in `facts.cookies` of the session cookie that counts, or `null`. */
export type Decision =
  | { readonly is: 'signed-in'; readonly via: 'bearer' | 'cookie' | 'refresh'; readonly cookie: number | null }
  | { readonly is: 'signed-out'; readonly reason: SignedOutReason }
  | { readonly is: 'handshake'; readonly reason: HandshakeReason; readonly cookie: number | null }
  | { readonly is: 'returning' }
  | { readonly is: 'unavailable'; readonly reason: UnavailableReason }
  /** To be answered with `exchange.answered`. */
  | { readonly is: 'exchanging' }
  /** To be answered with `refresh.answered`. */
  | { readonly is: 'refreshing'; readonly cookie: number | null };

/** What the machine has decided, or wants to be told. */
export function decisionOf({ value, context }: SnapshotFrom<typeof handshakeMachine>): Decision {
  const { chosen, via, reason } = context;
  switch (value) {
    case 'signed-in':
      return { is: 'signed-in', via: via ?? 'cookie', cookie: chosen };
    case 'handshake':
      return { is: 'handshake', reason: reason as HandshakeReason, cookie: chosen };
    case 'unavailable':
      return { is: 'unavailable', reason: reason as UnavailableReason };
    case 'refreshing':
      return { is: 'refreshing', cookie: chosen };
    case 'exchanging':
    case 'returning':
      return { is: value };
    default:
      // Every other state leaves itself at once; should one not, then nobody is let in.
      return { is: 'signed-out', reason: reason as SignedOutReason };
  }
}
