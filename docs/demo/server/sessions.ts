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
  /** Whose secret it is. One that was used up long ago is in two hands: its session ends. */
  bySecret(secret: string | undefined): DemoSession | undefined;
  /** The next secret of a session, in exchange for the one that was presented. */
  rotate(secret: string): string | undefined;
  /** A secret that the session has used up: what a thief may have copied. */
  spentSecretOf(id: string): string | undefined;
  has(id: string): boolean;
  /** Idempotent. Answers whether there was one. */
  end(id: string): boolean;
};

/** Secrets follow each other. The one before the last is good until the last has been seen: the answer may have got lost. */
type Chain = {
  readonly session: DemoSession;
  current: string;
  previous: string | null;
  readonly spent: Set<string>;
};

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

const knows = ({ current, previous, spent }: Chain, secret: string): boolean =>
  secret === current || secret === previous || spent.has(secret);

/** Sessions in memory. The oldest go first, so that a script in a loop cannot fill it up. */
export function createSessionStore(limit = 1_000): SessionStore {
  const chains = new Map<string, Chain>();
  const chainOf = (secret: string | undefined): Chain | undefined =>
    secret === undefined ? undefined : [...chains.values()].find((chain) => knows(chain, secret));

  const bySecret: SessionStore['bySecret'] = (secret) => {
    const chain = chainOf(secret);
    if (!chain || secret === undefined) return undefined;
    if (chain.spent.has(secret)) {
      chains.delete(chain.session.id);
      return undefined;
    }
    if (secret === chain.current && chain.previous !== null) {
      chain.spent.add(chain.previous);
      chain.previous = null;
    }
    return chain.session;
  };

  return {
    begin: ({ userId, organizationId }) => {
      const session = { id: `sess_${random(9)}`, userId, organizationId };
      const secret = random(32);
      chains.set(session.id, { session, current: secret, previous: null, spent: new Set() });
      const [oldest] = chains.keys();
      if (chains.size > limit && oldest !== undefined) chains.delete(oldest);
      return { session, secret };
    },
    bySecret,
    rotate: (secret) => {
      const chain = bySecret(secret) && chainOf(secret);
      if (!chain) return undefined;
      // What was handed out before, and did not arrive, is good for nothing any more.
      if (secret !== chain.current) chain.spent.add(chain.current);
      chain.previous = secret;
      chain.current = random(32);
      return chain.current;
    },
    spentSecretOf: (id) => [...(chains.get(id)?.spent ?? [])].at(-1),
    has: (id) => chains.has(id),
    end: (id) => chains.delete(id),
  };
}
