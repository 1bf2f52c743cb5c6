import type { KeyOptions } from '../../machines/key';
import type { TokenLifecycle } from '../host/types';

/**
 * Reads the token of one key now, and again whenever its session or its token has changed: a token beside the session's own is
 * minted and kept fresh only for those who read it (lifecycle.md §3). Failures are in the key's state.
 *
 * @returns ends it; who still waits leaves
 */
export function keepRead(lifecycle: TokenLifecycle, options: KeyOptions): () => void {
  const leaving = new AbortController();
  let lastRead: string | undefined;
  const look = (): void => {
    const { sessionId, organizationId, fingerprint } = lifecycle.getState(options);
    const now = JSON.stringify([sessionId, organizationId, fingerprint]);
    if (now === lastRead) return;
    lastRead = now;
    lifecycle.getToken({ ...options, signal: leaving.signal }).catch(() => {});
  };
  const unsubscribe = lifecycle.subscribe(look);
  look();
  return () => {
    unsubscribe();
    leaving.abort();
  };
}
