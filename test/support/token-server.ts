/** A scripted token source in virtual time: what a server and the network between would do. */
import { TokenRequestError } from '../../machines/errors';
import type { Clock, MintRequest, MintResult, SessionVerdict, TokenSource } from '../../machines/ports';
import { type JwtOptions, jwt } from './jwt';

export type Behaviour =
  /** A token, issued at the server's time. */
  | {
      readonly do: 'mint';
      readonly ageSeconds?: number;
      readonly claims?: JwtOptions['claims'];
      readonly oiat?: number;
      readonly sid?: string;
      readonly ttlSeconds?: number;
    }
  /** Whatever a source may answer. */
  | { readonly do: 'answer'; readonly result: unknown }
  /** An error with a status. */
  | { readonly do: 'status'; readonly status: number; readonly code?: string; readonly retryAfterMs?: number }
  /** No answer: the connection breaks. */
  | { readonly do: 'drop' }
  | { readonly do: 'hang' }
  /** Throws whatever is given. */
  | { readonly do: 'throw'; readonly error: unknown }
  /** 422 without the last token, a mint with it. */
  | { readonly do: 'outage' };

export type RecordedMint = {
  /** Ms since the server was made. */
  readonly at: number;
  readonly request: MintRequest;
};

export type TokenServerOptions = {
  readonly clock: Clock;
  readonly ttlSeconds?: number;
  readonly latencyMs?: number;
  /** The server's clock minus the client's, as it was at the start; the server's does not follow a client's that is set. */
  readonly offsetMs?: number;
  /** Report `Date` with each mint. */
  readonly withDate?: boolean;
};

export function createTokenServer(options: TokenServerOptions) {
  const { clock, latencyMs = 100, offsetMs = 0, withDate = false } = options;
  const startedAt = clock.monotonicNow();
  const startWall = clock.now();
  let ttlSeconds = options.ttlSeconds ?? 60;
  let behaviour: Behaviour | ((request: MintRequest) => Behaviour) = { do: 'mint' };
  let script: Behaviour[] = [];
  let slept = 0;
  const requests: RecordedMint[] = [];
  const checks: string[] = [];
  const revoked: string[] = [];
  const issued: string[] = [];
  let verdict: SessionVerdict | 'throw' = 'active';

  /** True server time, epoch ms: independent of what happens to the client's wall clock. */
  const now = (): number => startWall + offsetMs + slept + (clock.monotonicNow() - startedAt);
  const wait = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = clock.setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clock.clearTimeout(timer);
        reject(signal.reason);
      });
    });

  function mintToken(request: MintRequest, with_: Extract<Behaviour, { do: 'mint' }>): MintResult {
    const iat = Math.floor(now() / 1_000) - (with_.ageSeconds ?? 0);
    const { key } = request;
    const token = jwt({
      iat,
      exp: iat + (with_.ttlSeconds ?? ttlSeconds),
      sid: with_.sid ?? key.sessionId,
      ...(with_.oiat !== undefined && { oiat: with_.oiat }),
      claims: {
        ...(key.organizationId && { org_id: key.organizationId }),
        ...(key.template && { template: key.template }),
        ...with_.claims,
      },
    });
    issued.push(token);
    return { token, ...(withDate && { serverDate: Math.floor(now() / 1_000) * 1_000 }) };
  }

  async function mint(request: MintRequest): Promise<MintResult> {
    requests.push({ at: clock.monotonicNow() - startedAt, request });
    const next = script.shift() ?? (typeof behaviour === 'function' ? behaviour(request) : behaviour);
    if (next.do === 'hang')
      await new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
    await wait(latencyMs / 2, request.signal);
    const answer = (): MintResult => {
      switch (next.do) {
        case 'mint':
          return mintToken(request, next);
        case 'answer':
          return next.result as MintResult;
        case 'throw':
          throw next.error;
        case 'status':
          throw new TokenRequestError('refused', {
            status: next.status,
            serverCode: next.code,
            retryAfterMs: next.retryAfterMs,
          });
        case 'outage':
          if (request.lastToken === undefined)
            throw new TokenRequestError('outage', { status: 422, serverCode: 'missing_expired_token' });
          return mintToken(request, { do: 'mint' });
        default:
          throw new TypeError('Failed to fetch');
      }
    };
    let outcome: { result: MintResult } | { error: unknown };
    try {
      outcome = { result: answer() };
    } catch (error) {
      outcome = { error };
    }
    await wait(latencyMs / 2, request.signal);
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }

  const source: TokenSource = {
    endpoint: 'https://auth.test/tokens',
    mint,
    checkSession: async ({ sessionId, signal }) => {
      checks.push(sessionId);
      await wait(latencyMs, signal);
      if (verdict === 'throw') throw new TypeError('Failed to fetch');
      return verdict;
    },
    revoke: async ({ sessionId, signal }) => {
      revoked.push(sessionId);
      await wait(latencyMs, signal);
    },
  };

  return {
    source,
    requests,
    checks,
    revoked,
    /** Every token that the server gave out. */
    issued,
    now,
    /** When mints were asked for, in ms since the start. */
    get instants(): number[] {
      return requests.map(({ at }) => at);
    },
    respondWith: (next: typeof behaviour) => {
      behaviour = next;
    },
    /** For the next requests, in order; then `respondWith` again. */
    script: (next: readonly Behaviour[]) => {
      script = [...next];
    },
    checkAnswers: (next: typeof verdict) => {
      verdict = next;
    },
    setTtl: (seconds: number) => {
      ttlSeconds = seconds;
    },
    /** Tell the server that the client slept, since the client's monotonic clock did not run. */
    slept: (ms: number) => {
      slept += ms;
    },
  };
}

export type TokenServer = ReturnType<typeof createTokenServer>;
