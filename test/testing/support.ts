import { createTokenServer } from '../../adapters/testing/token-server/create';
import type { TokenServerOptions } from '../../adapters/testing/token-server/options';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { MintRequest } from '../../machines/ports';

/** How a promise ended, without an unhandled rejection. */
export function watch<T>(work: Promise<T> | undefined) {
  const seen: { settled: boolean; value?: T; error?: unknown } = { settled: false };
  work?.then(
    (value) => Object.assign(seen, { settled: true, value }),
    (error: unknown) => Object.assign(seen, { settled: true, error }),
  );
  return seen;
}

export const start = Date.UTC(2026, 0, 1);

/** A server in virtual time, and a source that talks to it. */
export function setUp(options: TokenServerOptions = {}) {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, signing: 'HS256', ...options });
  const source = server.source();
  const request = (changes: Partial<MintRequest> = {}): MintRequest => ({
    key: { sessionId: 'sess_1' },
    signal: new AbortController().signal,
    attempt: 1,
    deadline: clock.now() + 10_000,
    cause: 'read',
    presence: 'focused',
    lease: null,
    ...changes,
  });
  /** What a mint comes to within `ms`. */
  const mint = async (changes: Partial<MintRequest> = {}, ms = 100) => {
    const seen = watch(source.mint(request(changes)));
    await clock.advance(ms);
    return seen;
  };
  return { clock, server, source, request, mint };
}
