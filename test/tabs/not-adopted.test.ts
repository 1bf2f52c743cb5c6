/** What a tab does not believe: messages are unsigned, and one forged token must not pin a client (§7, §10). */
import { describe, expect, it } from 'vitest';
import { createNames } from '../../adapters/host/names';
import { decodeToken } from '../../adapters/token/decode';
import type { LifecycleOptions } from '../../index';
import { keyOf } from '../../machines/key';
import { createPeered, type Peered, peerJwt, start } from './support/peer';

const minute = 60;

/** Holds a token of 0 s until its stale point at 43 s; a peer's of 10 s would put that off to 53 s. */
async function atTenSeconds(options: Parameters<typeof createPeered>[0] = {}) {
  const tab = createPeered(options);
  await tab.startFresh();
  await tab.clock.advance(9_900);
  return tab;
}

/** Nothing happened: same token, no event, next mint when it was due. */
async function expectUntouched(tab: Peered, own: string | null): Promise<void> {
  const { tokens, of, clock, server } = tab;
  expect(tokens.peek()).toBe(own);
  expect(await tokens.getToken()).toBe(own);
  expect(of('token.updated')).toHaveLength(1);
  await clock.advance(50_000);
  expect(server.instants).toEqual([0, 43_000]);
}

const good = () => peerJwt(10);
/** A token of 10 s with one thing changed. */
const but = (more: Parameters<typeof peerJwt>[1]) => peerJwt(10, more);

describe('A token message', () => {
  it('T23 in good order: adopted, so that every row below differs in one thing', async () => {
    const tab = await atTenSeconds();
    const token = good();
    await tab.send(token);
    expect(tab.tokens.peek()).toBe(token);
    await tab.clock.advance(50_000);
    expect(tab.server.instants).toEqual([0, 53_000]);
  });

  type Row = {
    readonly ids: string;
    readonly what: string;
    readonly token?: string;
    readonly fields?: Record<string, unknown>;
  };
  const rows: readonly Row[] = [
    { ids: 'R7.7', what: 'an older token', token: peerJwt(-1) },
    { ids: 'R7.8', what: 'a tie: two tabs would trade for ever', token: peerJwt(0) },
    { ids: 'R7.18', what: 'an `iat` that is 6 s ahead', token: peerJwt(16) },
    { ids: 'R7.18', what: 'an `oiat` that is 6 s ahead', token: but({ oiat: start + 16 }) },
    { ids: 'R7.19', what: 'a life of more than twice the longest minted here', token: but({ exp: start + 10 + 121 }) },
    { ids: 'R7.17', what: 'another issuer', token: but({ claims: { iss: 'https://evil.test' } }) },
    { ids: 'R7.17', what: 'another subject', token: but({ claims: { sub: 'user_2' } }) },
    { ids: 'R7.17', what: 'another audience', token: but({ claims: { aud: 'api' } }) },
    { ids: 'R7.17', what: 'no issuer', token: but({ claims: { iss: undefined } }) },
    { ids: 'R7.2', what: 'another session in its claims', token: but({ sid: 'sess_2' }) },
    { ids: 'R7.5', what: 'no end', token: but({ exp: undefined }) },
    { ids: 'R7.5', what: 'an end before its beginning', token: but({ exp: start + 9 }) },
    { ids: 'T23', what: 'an expired token', token: peerJwt(-100) },
    { ids: 'T23', what: 'an expiring token', token: peerJwt(-46, { oiat: start }) },
    { ids: 'R7.20', what: 'a token of 16 KB', token: but({ claims: { pad: 'x'.repeat(16_384) } }) },
    { ids: 'R7.10', what: 'an empty token', token: '' },
    { ids: 'R7.5', what: 'a token that is no JWT', token: 'opaque-token' },
    { ids: 'R10.12', what: 'half a JWT', token: good().slice(0, 40) },
    { ids: 'R10.12', what: 'a number for a token', fields: { token: 7 } },
    { ids: 'R10.12', what: 'an object for a token', fields: { token: { toString: null } } },
    { ids: 'R10.12', what: 'version 2', fields: { v: 2 } },
    { ids: 'R10.12', what: 'version "1"', fields: { v: '1' } },
    { ids: 'R10.12', what: 'no sender', fields: { from: undefined } },
    { ids: 'R10.12', what: 'an empty sender', fields: { from: '' } },
    { ids: 'R10.12', what: 'a kind that nobody knows', fields: { is: 'tokens' } },
    { ids: 'R10.12', what: 'a kind from the prototype', fields: { is: 'toString' } },
    { ids: 'R10.12', what: 'no epoch', fields: { epoch: undefined } },
    { ids: 'R10.12', what: 'a negative epoch', fields: { epoch: -1 } },
    { ids: 'R10.12', what: 'an epoch that is no whole number', fields: { epoch: 0.5 } },
    { ids: 'R10.12', what: 'no key', fields: { key: undefined } },
    { ids: 'R10.12', what: 'a sender of 501 characters', fields: { from: 'k'.repeat(501) } },
    { ids: 'T23', what: 'for another tab', fields: { to: 'somebody else' } },
    {
      ids: 'T23',
      what: 'a key of another namespace',
      fields: { key: createNames('other').token(keyOf({ id: 'sess_1' })) },
    },
    {
      ids: 'I08',
      what: 'a key of another session',
      fields: { key: createNames('app').token(keyOf({ id: 'sess_2' })) },
    },
    {
      ids: 'T23',
      what: 'a key of another organization',
      fields: { key: createNames('app').token(keyOf({ id: 'sess_1', organizationId: 'org_1' })) },
    },
  ];

  for (const { ids, what, token, fields = {} } of rows) {
    it(`${ids} ${what}: not adopted`, async () => {
      const tab = await atTenSeconds();
      const own = tab.tokens.peek();
      await tab.send(token ?? good(), fields);
      await expectUntouched(tab, own);
    });
  }

  it('R7.18 R7.19 R7.20 up to the limits: 5 s ahead, twice as long, just under 16 KB', async () => {
    const short = but({ claims: { pad: '' } }).length;
    const tokens = [
      peerJwt(15),
      but({ oiat: start + 15 }),
      but({ exp: start + 10 + 2 * minute }),
      // Base64 makes 4 characters of 3.
      but({ claims: { pad: 'x'.repeat(Math.floor(((16_383 - short) * 3) / 4) - 3) } }),
    ];
    expect(tokens[3]?.length).toBeGreaterThan(16_370);
    for (const token of tokens) {
      const tab = await atTenSeconds();
      await tab.send(token);
      expect(tab.tokens.peek()).toBe(token);
    }
  });

  it('R7.6 a token with `oiat` beats one without, however old; one without never one that has it', async () => {
    const tab = await atTenSeconds();
    const token = peerJwt(-5, { oiat: start - 5 });
    await tab.send(token);
    expect(tab.tokens.peek()).toBe(token);
    await tab.send(good());
    expect(tab.tokens.peek()).toBe(token);
    await tab.send(peerJwt(-6, { oiat: start - 4 }));
    expect(decodeToken(tab.tokens.peek() ?? '').originIssuedAt).toBe((start - 4) * 1_000);
  });

  it('R7.2 an organization other than the one asked for', async () => {
    const session = { id: 'sess_1', organizationId: 'org_1' };
    const key = createNames('app').token(keyOf(session));
    for (const [org_id, adopted] of [
      ['org_2', false],
      ['org_1', true],
    ] as const) {
      const tab = await atTenSeconds({ session });
      const token = but({ claims: { org_id } });
      await tab.send(token, { key });
      expect(tab.tokens.peek() === token).toBe(adopted);
    }
  });

  it('R7.17 for an organization without a token yet: what speaks of another user than the session’s other tokens', async () => {
    const key = createNames('app').token(keyOf({ id: 'sess_1', organizationId: 'org_1' }));
    for (const [claims, adopted] of [
      [{ org_id: 'org_1', iss: 'https://evil.test' }, false],
      [{ org_id: 'org_1', sub: 'user_2' }, false],
      [{ org_id: 'org_1', aud: 'api' }, true],
    ] as const) {
      const tab = await atTenSeconds();
      tab.tokens.setActive({ organizationId: 'org_1' });
      await tab.clock.settle();
      const token = but({ claims });
      await tab.send(token, { key });
      expect(tab.tokens.peek() === token).toBe(adopted);
    }
  });

  it('R10.12 fields that nobody knows, and what a prototype says, are dropped', async () => {
    const tab = await atTenSeconds();
    const own = tab.tokens.peek();
    const token = good();
    const message = { v: 1, from: 'peer', is: 'token', key: tab.keyName(), epoch: 0, token };
    await tab.post(JSON.parse(`{"__proto__":${JSON.stringify(message)}}`));
    await tab.post(Object.create(message));
    expect(tab.tokens.peek()).toBe(own);
    await tab.post(
      JSON.parse(JSON.stringify({ ...message, extra: 1 }).replace('"extra":1', '"__proto__":{"polluted":1}')),
    );
    expect(tab.tokens.peek()).toBe(token);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('R10.12 inherited fields are none, where a channel hands objects on as they are', async () => {
    const listeners: ((message: unknown) => void)[] = [];
    const tab = createPeered({
      channel: {
        carriesTokens: true,
        post: () => {},
        subscribe: (listener) => {
          listeners.push(listener);
          return () => {};
        },
      },
    });
    await tab.startFresh();
    await tab.clock.advance(9_900);
    const own = tab.tokens.peek();
    const message = { v: 1, from: 'peer', is: 'token', key: tab.keyName(), epoch: 0, token: good() };
    listeners[0]?.(Object.create(message));
    listeners[0]?.(JSON.parse(`{"__proto__":${JSON.stringify(message)}}`));
    expect(tab.tokens.peek()).toBe(own);
    listeners[0]?.(message);
    expect(tab.tokens.peek()).toBe(message.token);
  });

  it('R10.12 whatever else arrives is ignored, silently', async () => {
    const tab = await atTenSeconds();
    const own = tab.tokens.peek();
    const things = [
      null,
      undefined,
      0,
      1,
      'token',
      '',
      true,
      [],
      [1],
      {},
      { v: 1 },
      { v: 1, is: 'token' },
      new Date(),
      new Map(),
    ];
    const kinds = ['token', 'notice', 'ask', 'signed-out', 'rejected'];
    for (const thing of things) await tab.post(thing);
    for (const is of kinds) await tab.post({ v: 1, from: 'peer', is });
    for (const is of kinds)
      await tab.post({ v: 1, from: 'peer', is, key: 1, session: {}, epoch: 'x', fingerprint: [], token: null });
    expect(tab.of('adapter.failed')).toEqual([]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', epoch: 0 });
    await expectUntouched(tab, own);
  });

  it('T23 its own words, delivered to itself, change nothing', async () => {
    const tab = await atTenSeconds();
    const own = tab.tokens.peek();
    const from = await ownId(tab);
    await tab.send(good(), { from });
    await expectUntouched(tab, own);
  });
});

/** The id under which a tab speaks: it answers whoever asks for its token. */
async function ownId(tab: Peered): Promise<string> {
  let id = '';
  const leave = tab.channel.subscribe((message) => {
    const { from, is } = message as { from: string; is: string };
    if (is === 'token') id = from;
  });
  await tab.post({ v: 1, from: 'peer', is: 'ask', key: tab.keyName() });
  leave();
  expect(id).not.toBe('');
  return id;
}

describe('The longest life', () => {
  it('R7.19 is of what was minted in this tab, however short the held one is', async () => {
    const tab = createPeered({ server: { ttlSeconds: 300 } });
    await tab.startFresh();
    tab.server.setTtl(60);
    // The next one, of 60 s, at 283 s.
    await tab.clock.advance(289_900);
    const own = tab.server.issued[1];
    expect(tab.tokens.peek()).toBe(own);
    await tab.send(peerJwt(290, { exp: start + 290 + 601 }));
    expect(tab.tokens.peek()).toBe(own);
    const token = peerJwt(290, { exp: start + 290 + 600 });
    await tab.send(token);
    expect(tab.tokens.peek()).toBe(token);
  });

  it('R7.19 where nothing was minted here and nothing is on record, a day is the most: a forged token does not pin a new tab', async () => {
    for (const [lifetimeSeconds, adopted] of [
      [86_401, false],
      [86_400, true],
    ] as const) {
      const tab = createPeered();
      tab.server.respondWith({ do: 'hang' });
      tab.tokens.start();
      await tab.clock.settle();
      const token = peerJwt(0, { exp: start + lifetimeSeconds });
      await tab.send(token);
      expect(tab.tokens.peek() === token).toBe(adopted);
    }
  });

  it('R7.19 where nothing was minted here it is of what the tabs have on record', async () => {
    const tab = createPeered();
    tab.server.respondWith({ do: 'hang' });
    const name = tab.keyName();
    await tab.store.update('app', () => ({
      v: 1,
      generation: 1,
      epoch: 0,
      keys: { [name]: { issuedAt: start * 1_000, expiresAt: (start + 60) * 1_000, fingerprint: '0'.repeat(8) } },
    }));
    tab.tokens.start();
    await tab.clock.advance(1_000);
    await tab.send(peerJwt(0, { exp: start + 121 }));
    expect(tab.tokens.peek()).toBeNull();
    const token = peerJwt(0, { exp: start + 120 });
    await tab.send(token);
    expect(tab.tokens.peek()).toBe(token);
  });
});

describe('accept', () => {
  const withAccept = (accept: NonNullable<LifecycleOptions['accept']>) => atTenSeconds({ accept });

  it('R7.21 is asked with the token and its claims, and yes adopts', async () => {
    const asked: unknown[] = [];
    const tab = await withAccept((token, claims) => {
      asked.push([token, claims.sub]);
      return true;
    });
    const token = good();
    await tab.send(token);
    expect(asked).toEqual([[token, 'user_1']]);
    expect(tab.tokens.peek()).toBe(token);
  });

  it('R7.21 no: not adopted', async () => {
    const tab = await withAccept(() => false);
    const own = tab.tokens.peek();
    await tab.send(good());
    expect(tab.of('adapter.failed')).toEqual([]);
    await expectUntouched(tab, own);
  });

  it('R7.21 what is no yes is a no', async () => {
    for (const answer of [undefined, 1, 'yes', Promise.resolve(true)]) {
      const tab = await withAccept(() => answer as unknown as boolean);
      const own = tab.tokens.peek();
      await tab.send(good());
      expect(tab.tokens.peek()).toBe(own);
    }
  });

  it('R7.21 a throw is a no, and reported once', async () => {
    const tab = await withAccept(() => {
      throw new Error('boom');
    });
    const own = tab.tokens.peek();
    await tab.send(good());
    await tab.send(good());
    expect(tab.of('adapter.failed')).toMatchObject([{ adapter: 'accept', operation: 'accept' }]);
    await expectUntouched(tab, own);
  });

  it('R7.21 is the last one asked: not about what is refused anyway, and never about own mints', async () => {
    let asked = 0;
    const tab = await withAccept(() => {
      asked += 1;
      return true;
    });
    await tab.send(peerJwt(16));
    await tab.send(but({ claims: { iss: 'https://evil.test' } }));
    await tab.clock.advance(100_000);
    expect(asked).toBe(0);
  });
});

describe('Opaque tokens', () => {
  const lifeOf = (atSeconds: number) => ({
    issuedAt: (start + atSeconds) * 1_000,
    expiresAt: (start + atSeconds + 60) * 1_000,
  });
  let serial = 0;
  const opaque: LifecycleOptions['source']['mint'] = async () => {
    serial += 1;
    return { token: `opaque-${serial}`, expiresInMs: 60_000 };
  };

  it('T23 R7.4 a peer’s with its times is adopted where an opaque one is held', async () => {
    const tab = await atTenSeconds({ source: { mint: opaque } });
    await tab.send('opaque-peer', lifeOf(10));
    expect(tab.tokens.peek()).toBe('opaque-peer');
    expect(tab.tokens.getState().expiresAt).toBe((start + 70) * 1_000);
  });

  it('R7.5 R7.7 R7.18 R7.19 and is not without times, or with times that cannot be', async () => {
    const times = [
      {},
      { expiresAt: (start + 70) * 1_000 },
      lifeOf(-1),
      lifeOf(16),
      { ...lifeOf(10), expiresAt: (start + 131) * 1_000 },
    ];
    for (const fields of times) {
      const tab = await atTenSeconds({ source: { mint: opaque } });
      const own = tab.tokens.peek();
      await tab.send('opaque-peer', fields);
      expect(tab.tokens.peek()).toBe(own);
    }
  });

  it('T23 where nothing is held an opaque token could be anything: only one that is on record is adopted', async () => {
    const tab = createPeered();
    tab.server.respondWith({ do: 'hang' });
    tab.tokens.start();
    await tab.clock.advance(1_000);
    await tab.send('opaque-peer', lifeOf(0));
    expect(tab.tokens.peek()).toBeNull();
  });
});
