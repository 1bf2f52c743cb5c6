/** A browser whose source spends a single-use credential, and a server that counts every reuse. */
import { memoryCache } from '../../../adapters/cache/memory';
import { createNames } from '../../../adapters/host/names';
import { TokenRequestError } from '../../../machines/errors';
import type { MintRequest, TokenSource } from '../../../machines/ports';
import { type BrowserOptions, createBrowser } from '../../support/browser';
import { jwt } from '../../support/jwt';

export type RotatingOptions = BrowserOptions & {
  /** For how long the server forgives a second use, in ms. Default 0. */
  readonly graceMs?: number;
  readonly latencyMs?: number;
  /** Of its tokens. Default 60. */
  readonly ttlSeconds?: number;
};

export const credentialName = createNames('app').credential('sess_1');
export const lockName = createNames('app').sessionPrefix('sess_1');

export async function createRotating({
  graceMs = 0,
  latencyMs = 100,
  ttlSeconds = 60,
  ...options
}: RotatingOptions = {}) {
  const cache = memoryCache();
  await cache.set(credentialName, 'c0', { expiresAt: Number.MAX_SAFE_INTEGER });
  const browser = createBrowser({ cache, ...options });
  const { clock } = browser;
  const begun = clock.monotonicNow();
  const elapsed = () => clock.monotonicNow() - begun;
  const wait = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = clock.setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clock.clearTimeout(timer);
        reject(signal.reason);
      });
    });

  let rotations = 0;
  let rotatedAt = 0;
  const spent: { at: number; credential: string | undefined }[] = [];
  const reuses: string[] = [];
  /**
   * What happens to answers after the server has rotated: lost on the way, or 5 s late at a source that heeds no signal. `edge`:
   * the server is away, and an edge in front of it mints from the last token.
   */
  let losing: (index: number) => 'no' | 'dropped' | 'never' | 'late' | 'edge' = () => 'no';

  /** At the server: gives the successor. */
  function rotate(credential: string | undefined): string {
    if (credential === `c${rotations}`) {
      rotations += 1;
      rotatedAt = elapsed();
      return `c${rotations}`;
    }
    // The one before, by somebody who did not get the answer: the same successor once more.
    if (credential === `c${rotations - 1}` && elapsed() - rotatedAt < graceMs) return `c${rotations}`;
    reuses.push(credential ?? 'none');
    throw new TokenRequestError('reused', { status: 400, serverCode: 'invalid_grant' });
  }

  function issue(): string {
    const iat = Math.floor(clock.trueNow() / 1_000);
    return jwt({ iat, exp: iat + ttlSeconds });
  }

  /** Whatever the credential is: nobody there could look it up. */
  function fromEdge({ lastToken }: MintRequest): string {
    if (lastToken !== undefined) return issue();
    throw new TokenRequestError('last token wanted', { status: 422, serverCode: 'missing_expired_token' });
  }

  async function mint(request: MintRequest) {
    const credential = await request.credential?.read();
    const index = spent.length;
    spent.push({ at: elapsed(), credential });
    await wait(latencyMs / 2, request.signal);
    if (losing(index) === 'edge') {
      await wait(latencyMs / 2, request.signal);
      return { token: fromEdge(request) };
    }
    let answered: { next: string; token: string } | { error: unknown };
    try {
      const next = rotate(credential);
      answered = { next, token: issue() };
    } catch (error) {
      answered = { error };
    }
    const lost = losing(index);
    if (lost === 'never') await new Promise((_, reject) => request.signal.addEventListener('abort', reject));
    await (lost === 'late' ? wait(5_000) : wait(latencyMs / 2, request.signal));
    if (lost === 'dropped') throw new TypeError('Failed to fetch');
    if ('error' in answered) throw answered.error;
    await request.credential?.commit(answered.next);
    return { token: answered.token };
  }

  const source: Partial<TokenSource> = { credential: 'rotating', reuseGraceMs: graceMs, mint };
  return {
    ...browser,
    cache: options.cache ?? cache,
    open: (more: Parameters<typeof browser.open>[0] = {}) =>
      browser.open({ ...more, source: { ...source, ...more.source } }),
    source,
    /** What reached the server, with which credential. */
    spent,
    get instants(): number[] {
      return spent.map(({ at }) => at);
    },
    /** Credentials that were sent although they had been spent, and that the server did not forgive. */
    reuses,
    /** The credential that is good now. */
    good: () => `c${rotations}`,
    lose: (how: typeof losing) => {
      losing = how;
    },
  };
}
