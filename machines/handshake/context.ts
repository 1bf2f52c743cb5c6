import type { HandshakeFacts, TokenVerdict } from './facts';
import type { DecisionReason } from './reasons';

export type HandshakeContext = {
  readonly facts: HandshakeFacts;
  /** The session cookie that counts, by its place in `facts.cookies`; `null`: there is none. */
  readonly chosen: number | null;
  /** What vouches for the user, once somebody does. */
  readonly via: 'bearer' | 'cookie' | 'refresh' | null;
  readonly reason: DecisionReason | null;
};

export const initialContext = (facts: HandshakeFacts): HandshakeContext => ({
  facts,
  chosen: null,
  via: null,
  reason: null,
});

/** What the session cookie that counts is worth. */
export const sessionOf = ({ facts, chosen }: HandshakeContext): TokenVerdict | null =>
  chosen === null ? null : (facts.cookies[chosen] ?? null);
