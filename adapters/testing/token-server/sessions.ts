/** Who is signed in, and the single-use credentials of each session, as a strict server keeps them. */

type Credential = {
  readonly sessionId: string;
  spentAt: number | null;
  successor: string | null;
};

export type Spending =
  | { readonly is: 'spent'; readonly next: string }
  /** Spent before, inside the grace: the same successor once more. */
  | { readonly is: 'forgiven'; readonly next: string }
  /** Spent before: a thief, or a client that lost an answer. The session ends. */
  | { readonly is: 'reused' }
  | { readonly is: 'unknown' };

export type Sessions = {
  /** Brings a session to life; one that nobody ended is alive anyway. */
  signIn(sessionId: string): void;
  end(sessionId: string): void;
  isAlive(sessionId: string): boolean;
  /** A credential that nobody has spent yet. */
  issue(sessionId: string): string;
  spend(credential: string | undefined, sessionId: string, nowMs: number): Spending;
  readonly reuses: number;
};

/** @param reuseGraceMs for how long a second use of a credential is forgiven */
export function createSessions(reuseGraceMs: number): Sessions {
  const ended = new Set<string>();
  const credentials = new Map<string, Credential>();
  let issued = 0;
  let reuses = 0;

  function issue(sessionId: string): string {
    issued += 1;
    const secret = `credential-${issued}-of-${sessionId}`;
    credentials.set(secret, { sessionId, spentAt: null, successor: null });
    return secret;
  }

  return {
    signIn: (sessionId) => {
      ended.delete(sessionId);
    },
    end: (sessionId) => {
      ended.add(sessionId);
      for (const [secret, one] of credentials) if (one.sessionId === sessionId) credentials.delete(secret);
    },
    isAlive: (sessionId) => !ended.has(sessionId),
    issue,
    spend: (secret, sessionId, nowMs) => {
      const found = secret === undefined ? undefined : credentials.get(secret);
      if (!found || found.sessionId !== sessionId) return { is: 'unknown' };
      if (found.spentAt === null) {
        found.spentAt = nowMs;
        found.successor = issue(sessionId);
        return { is: 'spent', next: found.successor };
      }
      const successor = found.successor === null ? undefined : credentials.get(found.successor);
      // Once its successor has been spent, the client did get it.
      const forgivable = nowMs - found.spentAt < reuseGraceMs && successor?.spentAt === null;
      if (forgivable && found.successor !== null) return { is: 'forgiven', next: found.successor };
      reuses += 1;
      return { is: 'reused' };
    },
    get reuses() {
      return reuses;
    },
  };
}
