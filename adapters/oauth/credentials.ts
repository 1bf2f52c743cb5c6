/** Which refresh token is the one to send, and what becomes of the next. */
import { TokenRequestError } from '../../machines/errors';
import type { MintRequest } from '../../machines/ports';
import type { OAuthTokenSourceOptions } from './options';

type Settings = Pick<OAuthTokenSourceOptions, 'refreshToken'>;

export type Held = {
  readonly token: string;
  /** Makes what the server gave in its place durable. @throws what the store throws */
  keep(next: string | undefined): Promise<void>;
};

export function createCredentials({ refreshToken }: Settings) {
  /** Of each session: the one that was sent or given last. */
  const latest = new Map<string, string>();
  /** Of each session: the login's, once the server has replaced it. */
  const replaced = new Map<string, string>();
  const given = async (sessionId: string): Promise<string | undefined> => {
    if (typeof refreshToken !== 'function') return refreshToken;
    try {
      return (await refreshToken({ sessionId })) || undefined;
    } catch (thrown) {
      // With a code, since nothing was sent: an error without one would be taken for a lost answer.
      throw new TokenRequestError('The refresh token could not be had.', {
        serverCode: 'request_not_sent',
        cause: thrown,
      });
    }
  };

  const missing = (): TokenRequestError =>
    // With a status, since nothing was sent; not one of those that sign out: another tab may have what is missing here.
    new TokenRequestError('There is no refresh token for this session here.', {
      status: 400,
      serverCode: 'no_refresh_token',
    });

  return {
    missing,
    /** @throws TokenRequestError with `serverCode` 'no_refresh_token', or what the store throws */
    hold: async ({ key: { sessionId }, credential: slot }: MintRequest): Promise<Held> => {
      const stored = await slot?.read();
      const first = stored === undefined ? await given(sessionId) : undefined;
      const isReplaced = first !== undefined && replaced.get(sessionId) === first;
      // Where a slot has lost the successor, the login's is still a spent one: to send it again would be reuse (S6).
      const token = stored ?? (isReplaced ? (slot ? undefined : latest.get(sessionId)) : first);
      if (token === undefined) throw missing();
      latest.set(sessionId, token);
      return {
        token,
        keep: async (next = token) => {
          latest.set(sessionId, next);
          if (first !== undefined && next !== first) replaced.set(sessionId, first);
          // The login's belongs into the slot too, replaced or not: from then on all tabs find it there.
          if (next !== stored) await slot?.commit(next);
        },
      };
    },
    /** The one that this source has sent or got last, else the login's. Another tab may have had it replaced since. */
    latest: async (sessionId: string): Promise<string | undefined> => latest.get(sessionId) ?? (await given(sessionId)),
    /** Of a session that is over, nothing that could be spent is kept. */
    forget: (sessionId: string): void => void latest.delete(sessionId),
  };
}
