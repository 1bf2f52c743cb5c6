/** What a minted token has to pass, and in which order it is put away (§7). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { decodeToken } from '../../adapters/token/decode';
import { jwt } from '../support/jwt';
import { createTab, type Tab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const start = Date.UTC(2026, 0, 1) / 1_000;

/** A second mint, 5 s after the first; resolves with what became of it. */
async function mintAgain(tab: Tab, behaviour: Behaviour) {
  const held = tab.tokens.peek();
  await tab.clock.advance(4_900);
  tab.server.script([behaviour]);
  const read = tab.watch(tab.tokens.refresh());
  await tab.clock.advance(100);
  const minted = behaviour.do === 'answer' ? (behaviour.result as { token: string }).token : tab.server.issued.at(-1);
  return { held, minted, got: read.token, holds: tab.tokens.peek(), cookie: tab.cookie?.read() };
}

const accepted = async (tab: Tab, behaviour: Behaviour) => {
  const { held, minted, got, holds, cookie } = await mintAgain(tab, behaviour);
  expect(minted).not.toBe(held);
  expect(got).toBe(minted);
  expect([holds === held, holds === minted]).toContain(true);
  expect(cookie).toEqual([{ value: holds }]);
  return holds === minted;
};

describe('Whose token it is', () => {
  const foreign: readonly [string, Behaviour, string][] = [
    ['R7.2 another session', { do: 'mint', sid: 'sess_9' }, 'other_session'],
    ['R7.2 another organization', { do: 'mint', claims: { org_id: 'org_9' } }, 'other_organization'],
    [
      'R7.2 another organization, nested',
      { do: 'mint', claims: { org_id: undefined, o: { id: 'org_9' } } },
      'other_organization',
    ],
    [
      'R7.2 another session, by the source’s word',
      {
        do: 'answer',
        result: { token: jwt({ iat: start, exp: start + 60, claims: { sid: undefined } }), sessionId: 'sess_9' },
      },
      'other_session',
    ],
    [
      'R7.2 another organization, by the source’s word',
      { do: 'answer', result: { token: jwt({ iat: start, exp: start + 60 }), organizationId: 'org_9' } },
      'other_organization',
    ],
  ];
  for (const [name, behaviour, reason] of foreign) {
    it(`${name}: R5.10 R5.11 invalid, and it goes nowhere`, async () => {
      const cache = memoryCache();
      const sets: string[] = [];
      const tab = createTab({
        session: { id: 'sess_1', organizationId: 'org_1' },
        cache: { ...cache, set: (_, value) => void sets.push(value) },
      });
      tab.server.script([behaviour]);
      await tab.startFresh();
      expect(tab.tokens.peek()).toBeNull();
      expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'invalid', error: { failure: 'invalid' } }]);
      expect(tab.of('refresh.failed')[0]?.error.message).toContain(reason);
      expect([sets, tab.cookie?.read(), tab.of('token.updated')]).toEqual([[], [], []]);
      expect(tab.tokens.getState().state).toBe('outage-fallback');
      await tab.clock.advance(3_000);
      expect(tab.tokens.getState().state).toBe('fresh');
    });
  }

  it('R7.2 asked for the personal account, a token for an organization is refused', async () => {
    const tab = createTab({ session: { id: 'sess_1', organizationId: null } });
    tab.server.script([{ do: 'mint', claims: { org_id: 'org_9' } }]);
    await tab.startFresh();
    expect(tab.tokens.peek()).toBeNull();
  });

  it('R7.3 claims that are absent are no failure', async () => {
    const token = jwt({ iat: start, exp: start + 60, claims: { sid: undefined } });
    expect(decodeToken(token)).not.toHaveProperty('sessionId');
    const tab = createTab({ session: { id: 'sess_1', organizationId: 'org_1' } });
    tab.server.script([{ do: 'answer', result: { token } }]);
    await tab.startFresh();
    expect(tab.tokens.peek()).toBe(token);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', sessionId: 'sess_1', organizationId: 'org_1' });
  });
});

describe('How long it lives', () => {
  const opaque = 'an-opaque-token-of-no-particular-shape';
  const lifetimes: readonly [string, Record<string, unknown>, number][] = [
    ['R7.4 by iat and exp of the JWT', { token: jwt({ iat: start, exp: start + 90 }) }, 90_000],
    [
      'R7.4 the JWT is believed before the source',
      { token: jwt({ iat: start, exp: start + 90 }), expiresAt: (start + 500) * 1_000, expiresInMs: 7_000 },
      90_000,
    ],
    [
      'R7.4 a JWT without exp: the source’s word',
      { token: jwt({ iat: start, exp: undefined }), expiresAt: (start + 80) * 1_000 },
      80_000,
    ],
    ['R7.4 opaque: expiresAt', { token: opaque, expiresAt: (start + 70) * 1_000 }, 70_000],
    [
      'R7.4 opaque: issuedAt and expiresAt',
      { token: opaque, issuedAt: start * 1_000, expiresAt: (start + 70) * 1_000 },
      70_000,
    ],
    ['R7.4 opaque: expiresInMs, from the start of the request', { token: opaque, expiresInMs: 40_000 }, 40_000],
  ];
  for (const [name, result, expected] of lifetimes) {
    it(name, async () => {
      const tab = createTab();
      tab.server.script([{ do: 'answer', result }]);
      await tab.startFresh();
      expect(tab.tokens.peek()).toBe(result.token);
      expect(tab.tokens.getState().expiresAt).toBe(start * 1_000 + expected);
      expect(await tab.tokens.getToken()).toBe(result.token);
    });
  }

  const endless: readonly [string, unknown][] = [
    ['an opaque token', { token: opaque }],
    ['a JWT without exp', { token: jwt({ iat: start, exp: undefined }) }],
    ['a lifetime of 0', { token: opaque, expiresInMs: 0 }],
    ['a negative lifetime', { token: opaque, expiresInMs: -1 }],
    ['a lifetime that is no number', { token: opaque, expiresAt: 'tomorrow' }],
    ['NaN', { token: opaque, expiresAt: Number.NaN }],
    ['an end before its beginning', { token: jwt({ iat: start, exp: start - 60 }) }],
  ];
  for (const [name, result] of endless) {
    it(`R7.5 R5.10 ${name}: invalid`, async () => {
      const tab = createTab();
      tab.server.script([{ do: 'answer', result }]);
      await tab.startFresh();
      expect(tab.tokens.peek()).toBeNull();
      expect(tab.of('token.updated')).toEqual([]);
      await tab.clock.advance(3_000);
      expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', serving: true });
      expect(tab.of('refresh.failed').map(({ reason }) => reason)).toEqual(['invalid']);
    });
  }

  for (const result of [
    undefined,
    null,
    'token',
    7,
    {},
    { token: '' },
    { token: '  ' },
    { token: null },
    { token: 7 },
  ]) {
    it(`S2 R5.10 R5.11 the source answers ${JSON.stringify(result)}: invalid, and nothing empty goes anywhere`, async () => {
      const tab = createTab();
      tab.server.script([{ do: 'answer', result }]);
      await tab.startFresh();
      expect(tab.tokens.peek()).toBeNull();
      expect(tab.cookie?.read()).toEqual([]);
      expect(tab.of('refresh.failed')).toMatchObject([{ reason: 'invalid' }]);
      await tab.clock.advance(3_000);
      expect(await tab.tokens.getToken()).toBe(tab.server.issued[0]);
    });
  }
});

describe('Whether it is fresher', () => {
  it('R7.6 a later oiat wins, whatever iat says; an earlier one loses', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'mint', oiat: start - 10 }]);
    await tab.startFresh();
    expect(await accepted(tab, { do: 'mint', oiat: start - 11 })).toBe(false);
    expect(await accepted(tab, { do: 'mint', oiat: start - 9, ageSeconds: 12, ttlSeconds: 120 })).toBe(true);
  });

  it('R7.6 having an oiat beats having none', async () => {
    const tab = createTab();
    await tab.startFresh();
    expect(await accepted(tab, { do: 'mint', oiat: start - 500, ageSeconds: 10, ttlSeconds: 120 })).toBe(true);
    expect(await accepted(tab, { do: 'mint', ttlSeconds: 240 })).toBe(false);
  });

  it('R7.7 with equal or no oiat the later iat wins, the earlier loses', async () => {
    for (const oiat of [{}, { oiat: start - 10 }]) {
      const tab = createTab();
      tab.server.script([{ do: 'mint', ...oiat }]);
      await tab.startFresh();
      expect(await accepted(tab, { do: 'mint', ...oiat, ageSeconds: 6, ttlSeconds: 240 })).toBe(false);
      expect(await accepted(tab, { do: 'mint', ...oiat })).toBe(true);
    }
  });

  it('R7.8 T8 with both equal the incoming wins, provided that it lasts longer', async () => {
    for (const oiat of [{}, { oiat: start - 10 }]) {
      const tab = createTab();
      tab.server.script([{ do: 'mint', ...oiat }]);
      await tab.startFresh();
      // Issued at the same second as the first one, 5 s ago.
      expect(await accepted(tab, { do: 'mint', ...oiat, ageSeconds: 5, ttlSeconds: 60 })).toBe(false);
      tab.tokens.stop();
      const other = createTab();
      other.server.script([{ do: 'mint', ...oiat }]);
      await other.startFresh();
      expect(await accepted(other, { do: 'mint', ...oiat, ageSeconds: 5, ttlSeconds: 61 })).toBe(true);
    }
  });

  it('R7.9 a held token that is expiring or expired loses to any valid one', async () => {
    for (const [waitMs, wins] of [
      [54_800, false],
      [54_900, true],
      [70_000, true],
    ] as const) {
      const tab = createTab();
      tab.server.respondWith({ do: 'status', status: 503 });
      tab.server.script([{ do: 'mint', oiat: start }]);
      await tab.startFresh();
      const held = tab.tokens.peek();
      // No refresh gets through until then; the request below comes back exactly at `waitMs` + 100.
      await tab.clock.advance(40_000);
      tab.connectivity.set(false);
      await tab.clock.advance(waitMs - 40_100);
      tab.server.respondWith({ do: 'mint', ttlSeconds: 300 });
      tab.connectivity.set(true);
      await tab.clock.advance(200);
      expect(tab.server.issued).toHaveLength(2);
      expect([waitMs, tab.of('token.updated').length]).toEqual([waitMs, wins ? 2 : 1]);
      expect(tab.tokens.peek() === held).toBe(!wins);
    }
  });

  it('R7.10 a token that was reported as rejected loses to any other, and never comes back', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'mint', oiat: start }]);
    await tab.startFresh();
    const refused = tab.tokens.peek() ?? '';
    await tab.clock.advance(2_000);
    tab.tokens.reportRejected(refused);
    const read = tab.watch(tab.tokens.getToken());
    await tab.clock.advance(100);
    // No oiat: less fresh than the refused one.
    expect(read.token).toBe(tab.server.issued[1]);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    tab.server.script([{ do: 'answer', result: { token: refused } }]);
    await tab.clock.advance(2_000);
    void tab.tokens.refresh();
    await tab.clock.advance(100);
    expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
    expect(tab.cookie?.read()).toEqual([{ value: tab.server.issued[1] }]);
  });

  it('R7.6 keys are compared each with itself only', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.script([{ do: 'mint', ageSeconds: 20, ttlSeconds: 120 }]);
    const read = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await tab.clock.advance(100);
    expect(read.token).toBe(tab.server.issued[1]);
    expect(tab.tokens.peek({ template: 'api' })).toBe(tab.server.issued[1]);
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
  });
});

describe('In which order it is put away', () => {
  it('R7.11 R7.12 R7.13 R7.15 held, cache, cookie, then told: each finds what came before it', async () => {
    const order: string[] = [];
    const holds = () => (tab.tokens.peek() === null ? 'nothing' : decodeToken(tab.tokens.peek() ?? '').fingerprint);
    const [cache, cookie] = [memoryCache(), memoryCookie()];
    const tab = createTab({
      cache: {
        ...cache,
        set: (key, value, options) => {
          order.push(`cache, held ${holds() === decodeToken(value).fingerprint}`);
          return cache.set(key, value, options);
        },
      },
      cookie: {
        ...cookie,
        write: (token, meta) => {
          order.push(`cookie, held ${holds() === decodeToken(token).fingerprint}`);
          return cookie.write(token, meta);
        },
      },
    });
    tab.tokens.on('token.updated', ({ fingerprint, expiresAt, from, key }) => {
      const held = tab.tokens.peek() ?? '';
      order.push(`told, held ${holds() === fingerprint}`);
      expect(cookie.read()).toEqual([{ value: held }]);
      expect({ expiresAt, from, key }).toEqual({
        expiresAt: decodeToken(held).expiresAt,
        from: 'mint',
        key: { sessionId: 'sess_1' },
      });
    });
    await tab.startFresh();
    expect(order).toEqual(['cache, held true', 'cache, held true', 'cookie, held true', 'told, held true']);
  });

  it('R7.15 token.updated is emitted once per change of the held token, and not for a token that was not taken', async () => {
    const tab = createTab();
    tab.server.script([{ do: 'mint', oiat: start }]);
    await tab.startFresh();
    expect(tab.of('token.updated')).toHaveLength(1);
    expect(await accepted(tab, { do: 'mint', oiat: start - 1 })).toBe(false);
    expect(tab.of('token.updated')).toHaveLength(1);
    expect(await accepted(tab, { do: 'mint', oiat: start + 1 })).toBe(true);
    expect(tab.of('token.updated').map(({ fingerprint }) => fingerprint)).toEqual(
      [tab.server.issued[0], tab.server.issued[2]].map((token) => decodeToken(token ?? '').fingerprint),
    );
  });

  it('R7.12 R7.13 R10.15 a template’s or another organization’s token is cached, and never in the cookie', async () => {
    const tab = createTab();
    await tab.startFresh();
    const writes: string[] = [];
    const { cookie, cache } = tab;
    if (cookie) {
      const { write } = cookie;
      cookie.write = (token, meta) => {
        writes.push(token);
        return write(token, meta);
      };
    }
    const sets: string[] = [];
    const set = cache?.set;
    if (cache && set)
      cache.set = (key, value, options) => {
        sets.push(value);
        return set(key, value, options);
      };
    for (const options of [{ template: 'api' }, { organizationId: 'org_2' }, { params: { audience: 'x' } }]) {
      void tab.tokens.getToken(options);
      await tab.clock.advance(1_000);
      expect(sets.at(-1)).toBe(tab.tokens.peek(options));
    }
    expect(writes).toEqual([]);
    expect(sets).toHaveLength(3);
  });

  it('R7.16 a cache or cookie that fails: told, and the token stays held', async () => {
    for (const place of ['cache', 'cookie'] as const) {
      const broken = () => {
        throw new Error('no');
      };
      const tab = createTab(
        place === 'cache'
          ? { cache: { ...memoryCache(), set: broken } }
          : { cookie: { ...memoryCookie(), write: broken } },
      );
      await tab.startFresh();
      expect(tab.of('adapter.failed')).toMatchObject([{ adapter: place, reason: 'Error' }]);
      expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
      expect(tab.of('token.updated')).toHaveLength(1);
    }
  });

  it('R7.16 R10.19 a cookie that refuses is told by a CookieError with its reason', async () => {
    for (const reason of ['too_large', 'blocked', 'duplicate'] as const) {
      const tab = createTab({ cookie: { ...memoryCookie(), write: () => ({ status: 'rejected', reason }) } });
      await tab.startFresh();
      expect(tab.of('adapter.failed')).toMatchObject([
        { adapter: 'cookie', operation: 'write', error: { code: 'cookie_rejected', reason } },
      ]);
      expect(tab.tokens.getState().state).toBe('fresh');
    }
  });
});
