/** S11: through a long faulty run, no piece of a token is seen by anybody but readers, cache, cookie and source. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import type { Logger, MintRequest } from '../../machines/ports';
import { jwt } from '../support/jwt';
import { findPieces, runsIn } from '../support/pieces';
import { createTab, type Tab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

/** Keeps the runs of characters that a piece of a token could be part of, of everything that was looked at. */
function createWitness() {
  const runs = new Set<string>();
  let looked = 0;
  const read = (text: string | undefined): void => {
    looked += 1;
    for (const run of runsIn(text ?? '')) runs.add(run);
  };
  const known = new WeakSet<object>();
  /** Looks at all data in it, and, to `depth`, at what JSON leaves out. */
  function see(value: unknown, depth = 4): void {
    read(inspect(value, { depth, showHidden: value instanceof Error, maxArrayLength: null, maxStringLength: null }));
    try {
      read(JSON.stringify(value));
    } catch {
      // Cyclic: inspect has seen it.
    }
    if (value instanceof Error) read(`${value.stack} ${inspect(value.cause)}`);
  }
  return {
    runs,
    get looked() {
      return looked;
    },
    see,
    /** A context changes part by part: parts that were seen are not looked at again. */
    seeOnce: (context: unknown): void => {
      if (typeof context !== 'object' || context === null) return;
      for (const part of Object.values(context)) {
        if (typeof part !== 'object' || part === null) read(String(part));
        else if (!known.has(part)) see(part, 6);
        if (typeof part === 'object' && part !== null) known.add(part);
      }
    },
  };
}

/** Errors in which careless servers and sources put a token wherever there is room. */
function leakyErrors(token: string): Behaviour[] {
  const opaque = token.slice(-60);
  return [
    { do: 'throw', error: new TypeError(`Failed to fetch ${token}`) },
    { do: 'throw', error: Object.assign(new Error(token), { name: token, code: token, cause: new Error(token) }) },
    { do: 'throw', error: Object.assign(new Error('x', { cause: { code: opaque, token } }), { status: 500 }) },
    { do: 'throw', error: Object.assign(new Error('x'), { status: 400, serverCode: token }) },
    { do: 'throw', error: Object.assign(new Error('x'), { status: 400, serverCode: opaque }) },
    { do: 'throw', error: Object.assign(new Error('x'), { status: 503, body: { expired_token: token } }) },
    { do: 'throw', error: Object.assign(new Error('x'), { name: opaque, code: opaque }) },
    { do: 'throw', error: token },
    { do: 'throw', error: { message: token, request: { lastToken: token } } },
    { do: 'answer', result: `${token}` },
    { do: 'answer', result: { token: `${token}.${token}` } },
    { do: 'answer', result: { token: token.slice(0, -90) } },
    { do: 'answer', result: { access_token: token } },
  ];
}

/** Wires every outlet of a tab to the witness. */
function createWatchedTab() {
  const witness = createWitness();
  const write = (message: string, details?: unknown): void => witness.see([message, details], 8);
  const logger: Logger = { debug: write, warn: write, error: write };
  const broken = { cache: false, cookie: false };
  const [cache, cookie] = [memoryCache(), memoryCookie()];
  const tab = createTab({
    logger,
    inspect: (event: InspectionEvent) => {
      // Heartbeats by the hundred: only their data.
      if (event.type === '@xstate.event') witness.see(event.event, event.event.type === 'clock.tick' ? 0 : 8);
      if (event.type === '@xstate.snapshot' || event.type === '@xstate.microstep') {
        const { context, output, error, input } = event.snapshot as unknown as Record<string, unknown>;
        witness.seeOnce(context);
        for (const value of [output, error, input]) if (value !== undefined) witness.see(value, 8);
      }
    },
    cache: {
      ...cache,
      set: (key, value, options) => {
        if (broken.cache) throw new Error(`Quota exceeded while storing ${value}`);
        witness.see(key);
        return cache.set(key, value, options);
      },
    },
    cookie: {
      ...cookie,
      write: (value, meta) => {
        if (broken.cookie) throw Object.assign(new Error(`Cannot write ${value}`), { code: value.slice(-40) });
        return cookie.write(value, meta);
      },
      writeContext: (value) => {
        witness.see(value);
        return cookie.writeContext?.(value);
      },
    },
  });
  const look = (): void => {
    const { tokens } = tab;
    for (const value of [tokens.getState(), tokens.getState({ template: 'api' }), tokens.getServerState()])
      witness.see(value);
    for (const value of [tokens.dehydrate(), tokens.explain(), tokens.history()]) witness.see(value);
    witness.see(tokens.actor.getPersistedSnapshot(), 12);
    witness.see(tokens.getState().error, 8);
    witness.see(tokens, 1);
    for (const event of tab.events.splice(0)) {
      witness.see(event);
      if (!('error' in event) || !event.error) continue;
      witness.see(event.error, 8);
      witness.see(event.error.explanation);
    }
  };
  const read = (options = {}): void => {
    tab.tokens.getToken(options).catch((error: unknown) => {
      witness.see(error);
      witness.see((error as { explanation?: string }).explanation);
    });
  };
  tab.tokens.subscribe(() => witness.see(tab.tokens.getState()));
  return { tab, witness, look, read, broken };
}

/** All kinds of trouble, one after the other, with reads all along. */
async function suffer({ tab, read, look, broken }: ReturnType<typeof createWatchedTab>): Promise<void> {
  const { tokens, clock, server } = tab;
  const token = () => server.issued.at(-1) ?? '';
  const troubles = (): Behaviour[] => [
    { do: 'status', status: 500 },
    { do: 'status', status: 403, code: 'forbidden' },
    { do: 'status', status: 429, retryAfterMs: 2_000 },
    { do: 'status', status: 401 },
    { do: 'drop' },
    { do: 'hang' },
    { do: 'mint', sid: 'sess_9' },
    { do: 'mint', ageSeconds: 200 },
    { do: 'mint', ageSeconds: 1, ttlSeconds: 5 },
    { do: 'outage' },
    ...leakyErrors(token()),
  ];
  await tab.startFresh();
  for (const [index, trouble] of troubles().entries()) {
    server.respondWith(trouble);
    read({ skipCache: true });
    read({ template: 'api' });
    await clock.advance(2_000);
    read();
    await clock.advance(index % 4 === 0 ? 70_000 : 12_000);
    look();
    if (index % 5 === 0) {
      tab.connectivity.set(false);
      await clock.advance(16_000);
      read();
      tab.connectivity.set(true);
    }
    broken.cache = index % 3 === 0;
    broken.cookie = index % 4 === 0;
    server.respondWith({ do: 'mint' });
    await clock.advance(60_000);
    if (index % 6 === 0) tokens.reportRejected(tokens.peek() ?? token());
    if (index % 7 === 3) {
      await tokens.signOut();
      tokens.signIn({ session: { id: 'sess_1' }, token: jwtNow(tab) });
    }
    if (index % 7 === 5) tokens.setActive({ organizationId: `org_${index}` });
    await clock.advance(2_000);
  }
  look();
  tokens.stop();
  tokens.start();
  await clock.advance(1_000);
  server.checkAnswers('gone');
  server.respondWith({ do: 'status', status: 401 });
  read({ skipCache: true });
  await clock.advance(2_000);
  look();
}

function jwtNow(tab: Tab): string {
  const now = Math.floor(tab.clock.now() / 1_000);
  const given = jwt({ iat: now, exp: now + 60 });
  tab.server.issued.push(given);
  return given;
}

describe('Secrets', () => {
  const printed: unknown[] = [];
  beforeEach(() => {
    printed.length = 0;
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...given) => void printed.push(...given));
    }
  });
  afterEach(() => vi.restoreAllMocks());

  it('S11 a long faulty run: no 16 characters of any token in logs, events, errors, state, history or inspection', async () => {
    const watched = createWatchedTab();
    await suffer(watched);
    const { tab, witness } = watched;
    for (const one of printed) witness.see(one);
    expect(tab.server.issued.length).toBeGreaterThan(20);
    expect(witness.looked).toBeGreaterThan(2_000);
    expect(findPieces(tab.server.issued, witness.runs)).toEqual([]);
  });

  it('S11 the search itself finds what is there', async () => {
    const watched = createWatchedTab();
    await watched.tab.startFresh();
    const token = watched.tab.tokens.peek() ?? '';
    watched.look();
    expect(findPieces([token], watched.witness.runs)).toEqual([]);
    watched.witness.see({ hidden: { deep: `x${token.slice(40, 60)}y` } });
    expect(findPieces([token], watched.witness.runs)).not.toEqual([]);
  });

  it('S11 R6.5 what a source is handed in an outage is the token itself; what is told about it is a fingerprint', async () => {
    const requests: MintRequest[] = [];
    const watched = createWatchedTab();
    const { tab } = watched;
    await tab.startFresh();
    const held = tab.tokens.peek();
    tab.server.respondWith((request) => {
      requests.push(request);
      return { do: 'outage' };
    });
    await tab.clock.advance(44_000);
    expect(requests.map(({ lastToken }) => lastToken)).toEqual([undefined, held]);
    watched.look();
    expect(findPieces(tab.server.issued, watched.witness.runs)).toEqual([]);
  });

  for (const [index, trouble] of leakyErrors('').entries()) {
    it(`S11 a careless error (${index + 1}: ${trouble.do}) leaks nothing to who reads`, async () => {
      const watched = createWatchedTab();
      const { tab, witness, look, read } = watched;
      await tab.startFresh();
      const token = tab.tokens.peek() ?? '';
      tab.server.respondWith(leakyErrors(token)[index] ?? { do: 'drop' });
      read({ skipCache: true });
      await tab.clock.advance(3_000);
      look();
      await tab.clock.advance(300_000);
      read();
      await tab.clock.advance(1_000);
      look();
      expect(findPieces([token], witness.runs)).toEqual([]);
    });
  }

  it('S11 names in shared places carry neither session nor token', async () => {
    const keys: string[] = [];
    const cache = memoryCache();
    const tab = createTab({
      namespace: 'app',
      session: { id: 'sess_very_private', organizationId: 'org_private' },
      cache: {
        ...cache,
        set: (key, value, options) => {
          keys.push(key);
          return cache.set(key, value, options);
        },
      },
    });
    await tab.startFresh();
    void tab.tokens.getToken({ template: 'private_template' });
    await tab.clock.advance(100);
    await tab.clock.settle();
    const stored = await tab.store?.read('app');
    expect(stored).toHaveProperty('fingerprint');
    const record = JSON.stringify([keys, stored, tab.cookie?.readContext?.()]);
    expect(keys.length).toBeGreaterThan(2);
    expect(record).not.toMatch(/private/);
  });
});
