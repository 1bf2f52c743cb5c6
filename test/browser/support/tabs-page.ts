/** Runs in the page: a lifecycle as its address says, and a record of what it did. */
import { webStorageStore } from '../../../adapters/store/web-storage';
import {
  createTokenLifecycle,
  decodeToken,
  documentCookie,
  httpTokenSource,
  type LifecycleEvents,
  type LifecycleOptions,
  TokenRequestError,
  type TokenSource,
  webStorageCache,
} from '../../../index';
import { indexedDbCache } from './tabs-cache';
import type { EventSeen, Seen, TabConfig, TabPage } from './tabs-config';

/** What S4 tolerates: one network latency, on a machine that is busy with many tabs. */
const latencyMs = 150;

const config = JSON.parse(new URL(location.href).searchParams.get('config') ?? '{}') as TabConfig;

async function post(path: string, body: unknown, signal: AbortSignal): Promise<Record<string, unknown>> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tab': config.tab },
    body: JSON.stringify(body),
    signal,
  });
  const found = (await answer.json()) as { errors?: readonly { code: string }[] };
  const serverCode = found.errors?.[0]?.code;
  if (!answer.ok) {
    throw new TokenRequestError(`The server answered ${answer.status}.`, {
      status: answer.status,
      ...(serverCode !== undefined && { serverCode }),
    });
  }
  return found;
}

const sources: Record<NonNullable<TabConfig['source']>, () => TokenSource> = {
  http: () =>
    httpTokenSource({
      url: '/tokens',
      sessionUrl: '/session',
      revokeUrl: '/sign-out',
      headers: { 'x-tab': config.tab },
    }),
  plain: () => ({
    mint: async ({ key, cause, presence, signal }) => {
      const { sessionId, organizationId } = key;
      const { token } = await post('/tokens', { sessionId, organizationId, cause, presence }, signal);
      return { token: String(token) };
    },
  }),
  rotating: () => ({
    credential: 'rotating',
    mint: async ({ key, cause, presence, credential, signal }) => {
      const spent = await credential?.read();
      const body = { sessionId: key.sessionId, credential: spent, cause, presence };
      const { token, next } = await post('/rotate', body, signal);
      await credential?.commit(String(next));
      return { token: String(token) };
    },
  }),
};

const caches = {
  'web-storage': () => webStorageCache({ storage: () => localStorage, dangerouslyPersistTokens: true }),
  'indexed-db': () => indexedDbCache('tabs'),
} as const;

const options: LifecycleOptions = {
  source: sources[config.source ?? 'http'](),
  ...(config.session !== undefined && { session: config.session }),
  ...(config.namespace !== undefined && { namespace: config.namespace }),
  ...(config.cache && { cache: caches[config.cache]() }),
  ...(config.store && { store: webStorageStore() }),
  ...(config.cookie && { cookie: documentCookie(config.cookie === true ? {} : config.cookie) }),
  ...(config.policy && { policy: config.policy }),
};

const seen: Seen = {
  events: [],
  reads: { served: 0, signedOut: 0, failed: 0, expired: 0, latestMs: Number.NEGATIVE_INFINITY, slowestMs: 0 },
  timers: { longestGapMs: 0 },
  shown: [],
  uncaught: [],
};
const tokens = createTokenLifecycle(options);

/** Server and pages run on one clock: what remains is how well a page knows the server's, over a network. */
function judge(token: string | null): string | null {
  const { reads } = seen;
  if (token === null) {
    reads.signedOut += 1;
    return token;
  }
  const pastMs = Date.now() - (decodeToken(token).expiresAt ?? 0);
  reads.latestMs = Math.max(reads.latestMs, pastMs);
  if (pastMs > latencyMs) reads.expired += 1;
  else reads.served += 1;
  return token;
}

const read: TabPage['read'] = async (how) => {
  const asked = performance.now();
  try {
    return judge(await tokens.getToken(how));
  } catch (error) {
    seen.reads.failed += 1;
    throw error;
  } finally {
    seen.reads.slowestMs = Math.max(seen.reads.slowestMs, Math.round(performance.now() - asked));
  }
};

function peek(): string | null {
  const token = tokens.peek();
  return token === null ? null : judge(token);
}

const eventTypes = [
  'token.updated',
  'session.signedIn',
  'session.signedOut',
  'status.changed',
  'refresh.started',
  'refresh.succeeded',
  'refresh.failed',
  'adapter.failed',
] as const satisfies readonly (keyof LifecycleEvents)[];

for (const type of eventTypes) {
  tokens.on(type, (payload) => {
    const { from, reason, status } = payload as { from?: string; reason?: string; status?: string };
    const why = from ?? reason ?? status;
    const where = 'adapter' in payload ? `${payload.adapter}.${payload.operation}` : undefined;
    const event: EventSeen = { type, at: Date.now(), ...(why && { why }), ...(where && { where }) };
    seen.events.push(event);
  });
}

addEventListener('pageshow', ({ persisted }) => seen.shown.push(persisted));
addEventListener('error', ({ message }) => seen.uncaught.push(message));
addEventListener('unhandledrejection', ({ reason }) => seen.uncaught.push(String(reason?.name ?? reason)));

const page: TabPage = { tokens, seen, read, peek };
Object.assign(window, { tab: page });
tokens.start();

let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  seen.timers.longestGapMs = Math.max(seen.timers.longestGapMs, Math.round(now - lastTick));
  lastTick = now;
}, 500);

const { readEveryMs } = config;
if (readEveryMs !== undefined) {
  setInterval(() => {
    peek();
    read().catch(() => {});
  }, readEveryMs);
}
