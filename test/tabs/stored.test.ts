/** At its turn a tab looks where the others store: what it takes from there, and what it leaves (R10.4, R10.20, R7.17 to R7.20). */
import { describe, expect, it } from 'vitest';
import { memoryCache } from '../../adapters/cache/memory';
import { memoryChannel } from '../../adapters/channel/memory';
import { memoryCookie } from '../../adapters/cookie/memory';
import { createNames } from '../../adapters/host/names';
import { decodeToken } from '../../adapters/token/decode';
import { keyOf } from '../../machines/key';
import type { CookieValue, SessionCookie, SharedKey } from '../../machines/ports';
import { jwt } from '../support/jwt';
import { createTab, type TabOptions } from '../support/tab';
import { peerJwt, start } from './support/peer';

const names = createNames('app');
const keyName = (template?: string) => names.token(keyOf({ id: 'sess_1' }, template === undefined ? {} : { template }));

/** Another tab minted `token`: on record, and stored by `put`. This tab holds one of 0 s, and its turn comes at 43 s. */
async function atTurn(
  token: string,
  {
    named = token,
    put,
    options = {},
    entry = {},
  }: {
    named?: string;
    put: (tab: ReturnType<typeof createTab>) => unknown;
    options?: TabOptions;
    entry?: SharedKey;
  },
) {
  const tab = createTab({ namespace: 'app', ...options });
  await tab.startFresh();
  await tab.clock.advance(40_000);
  const { fingerprint, issuedAt, expiresAt, originIssuedAt } = decodeToken(named);
  await tab.store.update('app', (record) => ({
    v: 1,
    generation: 1,
    epoch: 0,
    ...record,
    keys: {
      [keyName()]: {
        fingerprint,
        issuedAt: issuedAt ?? 0,
        expiresAt: expiresAt ?? 0,
        ...(originIssuedAt !== null && { originIssuedAt }),
        ...entry,
      },
    },
  }));
  await put(tab);
  await tab.clock.advance(4_000);
  return tab;
}

const inCache = (token: string) => (tab: ReturnType<typeof createTab>) =>
  tab.cache.set(keyName(), token, { expiresAt: Number.MAX_SAFE_INTEGER });
const inCookie = (token: string) => (tab: ReturnType<typeof createTab>) =>
  tab.cookie?.write(token, { expiresAt: Number.MAX_SAFE_INTEGER });

describe('A token that the record names', () => {
  for (const [place, put] of [
    ['cache', inCache],
    ['cookie', inCookie],
  ] as const) {
    it(`R10.4 90 in the ${place}: taken over, no request`, async () => {
      const token = peerJwt(40);
      const tab = await atTurn(token, { put: put(token) });
      expect(tab.tokens.peek()).toBe(token);
      expect(tab.server.instants).toEqual([0]);
      expect(tab.of('token.updated').at(-1)).toMatchObject({ at: 43_000, from: place });
      await tab.clock.advance(40_000);
      expect(tab.server.instants).toEqual([0, 83_000]);
    });
  }

  it('R10.4 T24 a forced refresh takes nothing from there', async () => {
    const token = peerJwt(40);
    const tab = await atTurn(token, {
      put: async (made) => {
        await inCache(token)(made);
        made.tokens.refresh().catch(() => {});
      },
    });
    expect(tab.server.instants).toEqual([0, 40_100]);
  });

  const good = peerJwt(40);
  const cases: readonly (readonly [string, string, string])[] = [
    ['R10.4', 'another one than is named', peerJwt(39)],
    ['R7.17', 'another subject', peerJwt(40, { claims: { sub: 'user_2' } })],
    ['R7.2', 'another session', peerJwt(40, { sid: 'sess_2' })],
    ['R7.18', 'an `oiat` from the future', peerJwt(40, { oiat: start + 60 })],
    ['R7.7', 'an older one, with longer to live', jwt({ iat: start - 1, exp: start + 110 })],
  ];
  for (const [ids, what, token] of cases) {
    for (const [place, put] of [
      ['cache', inCache],
      ['cookie', inCookie],
    ] as const) {
      it(`${ids} ${what} in the ${place}: left there, and minted`, async () => {
        const named = what.startsWith('another one') ? good : token;
        const tab = await atTurn(token, { named, put: put(token) });
        expect(tab.server.instants).toEqual([0, 43_000]);
        expect(tab.tokens.peek()).toBe(tab.server.issued[1]);
      });
    }
  }

  it('R10.5 R7.7 an older one: nobody is asked for it, and minted at once', async () => {
    const token = jwt({ iat: start - 1, exp: start + 110 });
    const tab = await atTurn(token, { options: { channel: memoryChannel() }, put: () => {} });
    expect(tab.server.instants).toEqual([0, 43_000]);
  });

  it('R10.5 a fresher one that is stored nowhere: asked for, and minted after 500 ms', async () => {
    const tab = await atTurn(peerJwt(40), { options: { channel: memoryChannel() }, put: () => {} });
    expect(tab.server.instants).toEqual([0, 43_500]);
  });

  it('R10.10 R7.10 one that an API refused: left there, nobody is asked for it, and minted at once', async () => {
    const token = peerJwt(40);
    const tab = await atTurn(token, {
      options: { channel: memoryChannel() },
      put: async (made) => {
        await inCache(token)(made);
        made.tokens.reportRejected(token);
      },
    });
    expect(tab.server.instants).toEqual([0, 43_000]);
  });

  it('R10.20 K01 several cookies of the name: nobody guesses, and a request is made', async () => {
    const token = peerJwt(40);
    const jar = memoryCookie();
    let twins: readonly CookieValue[] = [];
    const cookie: SessionCookie = { ...jar, read: () => [...(jar.read() as readonly CookieValue[]), ...twins] };
    const tab = await atTurn(token, {
      options: { cookie },
      put: (made) => {
        inCookie(token)(made);
        twins = [{ value: peerJwt(41) }];
      },
    });
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.of('adapter.failed')).toContainEqual(expect.objectContaining({ adapter: 'cookie', operation: 'read' }));
  });

  it('80 R7.13 the cookie is of the session token: a template’s key takes nothing from it', async () => {
    const tab = createTab({ namespace: 'app' });
    await tab.startFresh();
    const cookie = tab.tokens.peek() ?? '';
    expect(tab.cookie?.read()).toEqual([{ value: cookie }]);
    const { fingerprint, issuedAt, expiresAt } = decodeToken(cookie);
    await tab.store.update('app', (record) => ({
      v: 1,
      generation: 1,
      epoch: 0,
      ...record,
      keys: { [keyName('api')]: { fingerprint, issuedAt: issuedAt ?? 0, expiresAt: expiresAt ?? 0 } },
    }));
    const reader = tab.watch(tab.tokens.getToken({ template: 'api' }));
    await tab.clock.advance(500);
    expect(reader.token).toBe(tab.server.issued[1]);
    expect(reader.token).not.toBe(cookie);
  });

  it('J08 nonsense in cache and cookie: reported, and minted', async () => {
    const token = peerJwt(40);
    const tab = await atTurn(token, {
      put: async (made) => {
        await inCache('nonsense')(made);
        await inCookie('nonsense')(made);
      },
    });
    expect(tab.server.instants).toEqual([0, 43_000]);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', status: 'ok' });
  });
});

describe('A store that cannot be read', () => {
  it('R10.4 whatever fresher token is stored is taken over all the same', async () => {
    const shared = memoryCache();
    let broken = false;
    const tab = createTab({ namespace: 'app', cache: shared });
    const { store } = tab;
    const read = store.read;
    Object.assign(store, {
      read: (name: string) => (broken ? Promise.reject(new Error('gone')) : read(name)),
    });
    await tab.startFresh();
    await tab.clock.advance(40_000);
    broken = true;
    const token = peerJwt(40);
    await shared.set(keyName(), token, { expiresAt: Number.MAX_SAFE_INTEGER });
    await tab.clock.advance(4_000);
    expect(tab.tokens.peek()).toBe(token);
    expect(tab.server.instants).toEqual([0]);
  });
});

describe('The cache that tabs share', () => {
  /** Another tab's token is there before this one's answer is. */
  async function mintedOver(value: string) {
    const tab = createTab({ namespace: 'app' });
    tab.tokens.start();
    await tab.clock.advance(50);
    await inCache(value)(tab);
    await tab.clock.advance(2_000);
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    return { cached: await tab.cache.get(keyName()), own: tab.tokens.peek() };
  }

  it('S8 a mint that is less fresh, as an edge gives it in an outage, writes nothing over a fresher one', async () => {
    const fresher = peerJwt(1);
    expect(await mintedOver(fresher)).toMatchObject({ cached: fresher });
  });

  it('S8 whatever is no better is replaced: older, expired, from the future, of another session, or nonsense', async () => {
    const values = [
      peerJwt(-1),
      jwt({ iat: start - 10, oiat: start - 10, exp: start }),
      peerJwt(60),
      peerJwt(1, { sid: 'sess_2' }),
      'nonsense',
    ];
    for (const value of values) {
      const { cached, own } = await mintedOver(value);
      expect(cached).toBe(own);
    }
  });
});

describe('The cookie of the browser', () => {
  it('R10.17 E05 15 a tab that is late writes nothing over a fresher one of its session', async () => {
    const tab = createTab({ namespace: 'app' });
    tab.tokens.start();
    await tab.clock.advance(50);
    // Another tab's is there before this one's answer is.
    const fresher = peerJwt(1);
    tab.cookie?.write(fresher, { expiresAt: Number.MAX_SAFE_INTEGER });
    await tab.clock.advance(2_000);
    expect(tab.tokens.peek()).toBe(tab.server.issued[0]);
    expect(tab.cookie?.read()).toEqual([{ value: fresher }]);
  });

  it('R10.17 S8 whatever is no better is replaced: older, expired, refused, of another organization, or nonsense', async () => {
    const values = [
      peerJwt(-1),
      jwt({ iat: start, oiat: start, exp: start + 1 }),
      peerJwt(1, { claims: { org_id: 'org_1' } }),
      'nonsense',
    ];
    for (const value of values) {
      const tab = createTab({ namespace: 'app' });
      tab.tokens.start();
      await tab.clock.advance(50);
      tab.cookie?.write(value, { expiresAt: Number.MAX_SAFE_INTEGER });
      await tab.clock.advance(40_000);
      tab.presence.emit('focus');
      expect(tab.cookie?.read()).toEqual([{ value: tab.tokens.peek() }]);
    }
  });
});
