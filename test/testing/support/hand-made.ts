/** Traces that nobody lived through: what an invariant must accept, and what it must not. */
import type {
  AnswerSeen,
  CommandSeen,
  CookieSeen,
  RequestSeen,
  ServedSeen,
  SettledSeen,
  StateSeen,
  TokenSeen,
  Trace,
  TraceEntry,
  ValueSeen,
  WorldBegan,
} from '../../../adapters/testing/trace';
import type { LifecycleEvents } from '../../../index';
import { defaultPolicy } from '../../../machines/policy';

const start = Date.UTC(2026, 0, 1);
export const key = { sessionId: 'sess_1', organizationId: null };

/** A token of `sess_1`; times in s since the beginning. */
export function token(
  fingerprint: string,
  issued: number,
  more: Partial<TokenSeen> & { life?: number } = {},
): TokenSeen {
  const { life = 60, ...rest } = more;
  return {
    fingerprint,
    sessionId: 'sess_1',
    organizationId: null,
    template: null,
    issuedAt: start + issued * 1_000,
    expiresAt: start + (issued + life) * 1_000,
    originIssuedAt: null,
    ...rest,
  };
}

export const value = (seen: TokenSeen | null): ValueSeen =>
  seen === null ? { kind: 'empty' } : { kind: 'token', token: seen };

type Simple = Exclude<CommandSeen['do'], 'sleep' | 'skew' | 'sign-in' | 'switch' | 'reject'>;

/** Times in s since the beginning, so that they read like a story. */
export function handMade(
  world: Partial<Omit<WorldBegan, 'is' | 'shared'>> & { shared?: Partial<WorldBegan['shared']> } = {},
) {
  const { shared, ...rest } = world;
  const began: WorldBegan = {
    is: 'world',
    at: 0,
    tab: null,
    seed: 0,
    tabs: 2,
    policy: { ...defaultPolicy, jitter: 0 },
    serverStart: start,
    wallStart: start,
    ttlMs: 60_000,
    latencyMs: 100,
    credential: 'ambient',
    reuseGraceMs: 0,
    checkSession: true,
    shared: { channel: 'tokens', lock: true, store: 'ordered', cache: 'shared', cookie: true, ...shared },
    ...rest,
  };
  const trace: TraceEntry[] = [began];
  let lastId = 0;
  const push = (entry: TraceEntry): void => {
    trace.push(entry);
  };
  const ms = (s: number): number => Math.round(s * 1_000);

  const made = {
    trace: trace as Trace,
    push,
    /** Things that have no more to them than a name. */
    does: (s: number, tab: number | null, what: Simple): void =>
      push({ is: 'command', at: ms(s), tab, do: what } as CommandSeen),
    hides: (s: number, tab: number): void =>
      push({ is: 'presence', at: ms(s), tab, visibility: 'hidden', focus: false }),
    sleeps: (s: number, forS: number): void => push({ is: 'command', at: ms(s), tab: null, do: 'sleep', ms: ms(forS) }),
    setsClock: (s: number, byS: number): void => push({ is: 'command', at: ms(s), tab: null, do: 'skew', ms: ms(byS) }),
    signsIn: (s: number, tab: number, sessionId = 'sess_1'): void =>
      push({ is: 'command', at: ms(s), tab, do: 'sign-in', sessionId, organizationId: null }),
    emits: <Type extends keyof LifecycleEvents>(
      s: number,
      tab: number,
      type: Type,
      event: Partial<LifecycleEvents[Type]>,
    ) =>
      push({
        is: 'event',
        at: ms(s),
        tab,
        type,
        event: { key, epoch: 1, reason: 'user', ...event },
      } as unknown as TraceEntry),
    /** The tab says that it is signed in, signed out, or has a token. */
    signedIn: (s: number, tab: number, id = 'sess_1'): void =>
      made.emits(s, tab, 'session.signedIn', { session: { id }, from: 'given' }),
    signedOut: (s: number, tab: number, id: string | null = 'sess_1', reason: 'user' | 'peer' = 'user'): void =>
      made.emits(s, tab, 'session.signedOut', { session: id === null ? null : { id }, reason }),
    updated: (s: number, tab: number, of: TokenSeen, from: 'mint' | 'peer' | 'cache' = 'mint'): void =>
      made.emits(s, tab, 'token.updated', { fingerprint: of.fingerprint, expiresAt: of.expiresAt ?? 0, from }),
    is: (s: number, tab: number, state: StateSeen['state'], more: Partial<StateSeen> = {}): void =>
      push({
        is: 'state',
        at: ms(s),
        tab,
        state,
        substate: null,
        status: 'ok',
        serving: state === 'fresh',
        fingerprint: null,
        expiresAt: null,
        attempt: 0,
        nextAttemptAt: null,
        sessionId: 'sess_1',
        organizationId: null,
        clockOffsetMs: 0,
        ...more,
      }),
    sends: (s: number, tab: number, more: Partial<RequestSeen> = {}): number => {
      lastId += 1;
      push({
        is: 'request',
        at: ms(s),
        tab,
        id: lastId,
        op: 'mint',
        url: 'https://auth.test/tokens',
        key,
        cause: 'proactive',
        presence: 'focused',
        attempt: 1,
        presented: null,
        credential: null,
        online: true,
        connected: true,
        ...more,
      });
      return lastId;
    },
    served: (s: number, id: number, more: Partial<ServedSeen> = {}): void =>
      push({
        is: 'served',
        at: ms(s),
        tab: null,
        id,
        by: 'mint',
        status: 200,
        code: null,
        retryAfterMs: null,
        token: null,
        verdict: null,
        reused: false,
        ...more,
      }),
    answers: (s: number, tab: number, id: number, more: Partial<AnswerSeen> = {}): void =>
      push({
        is: 'answer',
        at: ms(s),
        tab,
        id,
        outcome: 'answered',
        status: 200,
        retryAfterMs: null,
        token: null,
        ...more,
      }),
    /** A mint that works: sent, answered after 0.1 s, announced. */
    mints: (s: number, tab: number, of: TokenSeen, more: Partial<RequestSeen> = {}): number => {
      const id = made.sends(s, tab, more);
      made.served(s + 0.05, id, { token: of });
      made.answers(s + 0.1, tab, id, { token: of });
      made.updated(s + 0.1, tab, of);
      return id;
    },
    /** One that does not. */
    fails: (s: number, tab: number, more: Partial<ServedSeen> = {}, request: Partial<RequestSeen> = {}): number => {
      const id = made.sends(s, tab, request);
      const { status = 503, retryAfterMs = null, token: bad = null } = more;
      made.served(s + 0.05, id, { status, ...more });
      made.answers(s + 0.1, tab, id, { status, retryAfterMs, token: bad });
      return id;
    },
    asks: (
      s: number,
      tab: number,
      kind: 'plain' | 'forced' | 'peek' = 'plain',
      timeoutMs: number | null = null,
    ): number => {
      lastId += 1;
      push({ is: 'read', at: ms(s), tab, id: lastId, kind, key, timeoutMs });
      return lastId;
    },
    gets: (s: number, tab: number, id: number, got: TokenSeen | null | string, more: Partial<SettledSeen> = {}): void =>
      push({
        is: 'settled',
        at: ms(s),
        tab,
        id,
        outcome: got === null ? 'null' : typeof got === 'string' ? 'error' : 'token',
        value: got === null || typeof got === 'string' ? null : value(got),
        code: typeof got === 'string' ? got : null,
        failure: null,
        serverNow: start + ms(s),
        ...more,
      }),
    /** A read that is answered at once: a token, `null`, or an error's code. */
    reads: (s: number, tab: number, got: TokenSeen | null | string): void => made.gets(s, tab, made.asks(s, tab), got),
    cookie: (s: number, tab: number | null, did: CookieSeen['did'], of: TokenSeen | null): void =>
      push({ is: 'cookie', at: ms(s), tab, did, value: value(of), now: did === 'written' ? [value(of)] : [] }),
    caches: (s: number, tab: number, of: TokenSeen | null, name = 'a'): void =>
      push({ is: 'cache', at: ms(s), tab, did: 'set', key: name, value: value(of) }),
    uncaches: (s: number, tab: number, of: TokenSeen | null, name = 'a'): void =>
      push({ is: 'cache', at: ms(s), tab, did: 'deleted', key: name, value: value(of) }),
    faults: (s: number, tab: number | null, fault: string, detail?: string): void =>
      push({ is: 'fault', at: ms(s), tab, fault, ...(detail !== undefined && { detail }) }),
  };
  return made;
}

export type HandMade = ReturnType<typeof handMade>;
