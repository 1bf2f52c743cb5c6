import { randomBytes } from 'node:crypto';

/** A signed-in user, as the server knows it. `id` is public (it stands in the token), the cookie's value is not. */
export type DemoSession = {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string | null;
};

export type SessionStore = {
  /** Starts a session; `secret` is the value of the HttpOnly cookie. */
  begin(user: { userId: string; organizationId: string | null }): { session: DemoSession; secret: string };
  bySecret(secret: string | undefined): DemoSession | undefined;
  has(id: string): boolean;
  /** Idempotent. Answers whether there was one. */
  end(id: string): boolean;
};

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** Sessions in memory. The oldest go first, so that a script in a loop cannot fill it up. */
export function createSessionStore(limit = 1_000): SessionStore {
  const sessions = new Map<string, DemoSession>();
  return {
    begin: ({ userId, organizationId }) => {
      const session = { id: `sess_${random(9)}`, userId, organizationId };
      const secret = random(32);
      sessions.set(secret, session);
      const [oldest] = sessions.keys();
      if (sessions.size > limit && oldest !== undefined) sessions.delete(oldest);
      return { session, secret };
    },
    bySecret: (secret) => (secret === undefined ? undefined : sessions.get(secret)),
    has: (id) => [...sessions.values()].some((session) => session.id === id),
    end: (id) => {
      for (const [secret, session] of sessions) if (session.id === id) return sessions.delete(secret);
      return false;
    },
  };
}
