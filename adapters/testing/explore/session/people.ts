/** Who may be signed in, and what comes along. */
import type { Seen, Session } from '../../../../machines/events';
import type { TokenFacts } from '../../../../machines/held-token';
import { defaultPolicy } from '../../../../machines/policy';

export const ada: Session = { id: 'Ada' };
export const adaAtWork: Session = { id: 'Ada', organizationId: 'work' };
export const bob: Session = { id: 'Bob' };

const now = { wallMs: Date.UTC(2026, 0, 1), monotonicMs: 0 };

/** The session machine judges no time but by a token that came along: one instant is enough. */
export const seenAt = (presence: Seen['presence']): Seen => ({
  now,
  online: true,
  presence,
  hiddenSince: null,
  roll: 0,
  woke: false,
});

/** Two tries to read what is stored, and the budget is used up. */
export const policy = { ...defaultPolicy, offlineRetries: 2 };

export const freshToken: TokenFacts = {
  generation: 1,
  fingerprint: 'token 1',
  issuedAt: now.wallMs,
  expiresAt: now.wallMs + 60_000,
  originIssuedAt: null,
  from: 'given',
};

export const pause = { since: now, ms: 60_000, kind: 'retry-after' } as const;
