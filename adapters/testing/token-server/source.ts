/** Token sources that speak to the server as users' would. */
import { InvalidTokenError } from '../../../machines/errors';
import type { Clock, MintRequest, MintResult, TokenSource } from '../../../machines/ports';
import { httpTokenSource } from '../../source/http';
import type { Fetch } from '../../source/http-options';
import { paths } from './request';

type Settings = {
  readonly origin: string;
  readonly credential: 'ambient' | 'reusable' | 'rotating';
  readonly reuseGraceMs: number;
  readonly clock: Pick<Clock, 'now'>;
};

/**
 * A source over `httpTokenSource`. A rotating one reads the credential once, sends it along, and commits the successor
 * before it resolves.
 */
export function createSource({ origin, credential, reuseGraceMs, clock }: Settings, fetch: Fetch): TokenSource {
  const common = {
    url: `${origin}${paths.mint}`,
    sessionUrl: `${origin}${paths.check}`,
    revokeUrl: `${origin}${paths.revoke}`,
    fetch,
    now: () => clock.now(),
  };
  const source = httpTokenSource(common);
  if (credential !== 'rotating') return { ...source, credential };

  async function mint(request: MintRequest): Promise<MintResult> {
    const held = await request.credential?.read();
    let successor: unknown;
    const once = httpTokenSource({
      ...common,
      body: (fields) => ({ ...fields, ...(held !== undefined && { refresh_token: held }) }),
      parse: (body) => {
        const { token, refresh_token: next } = body as { token?: unknown; refresh_token?: unknown };
        successor = next;
        if (typeof token !== 'string') throw new InvalidTokenError(token === undefined ? 'empty' : 'not_a_string');
        return { token };
      },
    });
    const result = await once.mint(request);
    if (typeof successor === 'string') await request.credential?.commit(successor);
    return result;
  }
  return { ...source, credential: 'rotating', reuseGraceMs, mint };
}
