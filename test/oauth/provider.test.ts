/** `oauthTokenSource` against a real OpenID provider that rotates refresh tokens and ends a session when one is reused. */
import { type Client, DPoP, generateKeyPair } from 'oauth4webapi';
import { afterEach, describe, expect, it } from 'vitest';
import { createNames } from '../../adapters/host/names';
import type { TokenLifecycle } from '../../adapters/host/types';
import { oauthTokenSource } from '../../adapters/oauth/index';
import { decodeToken } from '../../adapters/token/decode';
import { audience, clientId, type OpenProvider, openProvider, type ProviderOptions } from './support/provider';
import { openProxy } from './support/proxy';
import { openTabs, until } from './support/tabs';

const running: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of running.splice(0).reverse()) await end();
});

async function open(options: ProviderOptions = {}): Promise<OpenProvider> {
  const provider = await openProvider(options);
  running.push(provider.close);
  return provider;
}

const kept = (tokens: TokenLifecycle): TokenLifecycle => {
  running.push(() => tokens.stop());
  return tokens;
};

const credentialName = createNames('app').credential('sess_1');
const client: Client = { client_id: clientId };
const patient = { timeout: 40_000 };

describe('a refresh token that rotates', patient, () => {
  it('R13.1 an issuer is enough: its endpoints are found, and it gives an opaque access token', async () => {
    const provider = await open({ ttlSeconds: 60 });
    const { refreshToken } = await provider.logIn('user_7');
    const tabs = openTabs({ server: provider.issuer, refreshToken });
    const tokens = kept(tabs.open());
    const token = await tokens.getToken();
    expect(await provider.accountOf(token ?? '')).toBe('user_7');
    expect(tokens.getState().state).toBe('fresh');
    const lifetime = (tokens.getState().expiresAt ?? 0) - Date.now();
    expect(lifetime).toBeGreaterThan(30_000);
    expect(lifetime).toBeLessThanOrEqual(60_000);
  });

  it('R13.1 a JWT is held to what it says itself', async () => {
    const provider = await open({ ttlSeconds: 60, format: 'jwt' });
    const { refreshToken } = await provider.logIn();
    const token = await kept(openTabs({ server: provider.issuer, refreshToken }).open()).getToken();
    expect(decodeToken(token ?? '').claims).toMatchObject({ aud: audience, sub: 'user_1', iss: provider.issuer });
  });

  it('R13.2 the login’s is spent once: its successor is in the cache, and a page that is opened anew goes on from there', async () => {
    const provider = await open({ ttlSeconds: 60 });
    const { refreshToken } = await provider.logIn();
    const tabs = openTabs({ server: provider.issuer, refreshToken });
    const first = tabs.open();
    await first.getToken();
    first.stop();
    const successor = await tabs.shared.cache.get(credentialName);
    expect(successor).toEqual(expect.any(String));
    expect(successor).not.toBe(refreshToken);
    const second = kept(tabs.open());
    await second.refresh();
    expect(await tabs.shared.cache.get(credentialName)).not.toBe(successor);
    expect(provider.seen).toMatchObject({ granted: 2, reuses: 0, refused: [] });
  });

  it('R13.2 S6 five tabs over five expiries, all reading and forcing: the provider never sees a token twice', async () => {
    const provider = await open({ ttlSeconds: 2 });
    const { refreshToken } = await provider.logIn();
    const tabs = openTabs({ server: provider.issuer, refreshToken });
    const all = Array.from({ length: 5 }, () => kept(tabs.open()));
    let round = 0;
    await until(async () => {
      round += 1;
      await Promise.allSettled(all.map((tokens) => tokens.getToken({ timeoutMs: 5_000 })));
      if (round % 10 === 0) all[round % 5]?.refresh().catch(() => {});
      return provider.seen.granted > 5;
    }, 30_000);
    expect(provider.seen).toMatchObject({ reuses: 0, refused: [] });
    expect(tabs.signedOut).toEqual([]);
    await until(() => new Set(all.map((tokens) => tokens.peek())).size === 1);
  });

  it('R13.2 a server that does not rotate: the login’s token is sent again, from the cache', async () => {
    const provider = await open({ ttlSeconds: 60, rotate: false });
    const { refreshToken } = await provider.logIn();
    const tabs = openTabs({ server: provider.issuer, refreshToken });
    const tokens = kept(tabs.open());
    await tokens.getToken();
    expect(await tabs.shared.cache.get(credentialName)).toBe(refreshToken);
    expect(await tokens.refresh()).toEqual(expect.any(String));
    expect(provider.seen).toMatchObject({ granted: 2, refused: [] });
  });
});

describe('an answer that is lost', patient, () => {
  async function behindProxy(options: ProviderOptions) {
    const provider = await open(options);
    const proxy = await openProxy(provider.issuer);
    running.push(proxy.close);
    const { refreshToken } = await provider.logIn();
    const server = { issuer: provider.issuer, token_endpoint: `${proxy.url}/token` };
    const tabs = openTabs({ server, refreshToken, reuseGraceMs: options.graceMs ?? 0 }, { policy: { jitter: 0 } });
    const tokens = kept(tabs.open());
    await tokens.getToken();
    proxy.loseNext();
    tokens.refresh().catch(() => {});
    await until(() => proxy.lost === 1);
    return { provider, tabs, tokens };
  }

  it('R5.15 with grace: the same token at once, and nobody notices', async () => {
    const { provider, tabs, tokens } = await behindProxy({ ttlSeconds: 60, graceMs: 20_000 });
    await until(() => provider.seen.granted === 3);
    await until(() => tokens.getState().state === 'fresh');
    expect(tabs.failed).toMatchObject([{ reason: 'ambiguous' }]);
    expect(provider.seen).toMatchObject({ reuses: 0, refused: [] });
    expect(tabs.signedOut).toEqual([]);
    // What it got the second time is what is spent next.
    expect(await tokens.refresh()).toEqual(expect.any(String));
    expect(provider.seen.reuses).toBe(0);
  });

  it('R5.16 R5.17 without: nothing is sent while the held token is good; then the provider’s refusal says why', async () => {
    const { provider, tabs, tokens } = await behindProxy({ ttlSeconds: 6 });
    const held = tokens.peek();
    expect(held).not.toBeNull();
    const { expiresAt } = tokens.getState();
    await until(() => tabs.signedOut.length > 0, 30_000);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt ?? Number.POSITIVE_INFINITY);
    expect(provider.seen).toMatchObject({ granted: 2, reuses: 1, refused: ['invalid_grant'] });
    expect(tabs.signedOut).toMatchObject([{ reason: 'lost_response' }]);
  });
});

describe('the end of a session', patient, () => {
  it('T14 the provider says invalid_grant: signed out, and the credential is gone from the cache', async () => {
    const provider = await open({ ttlSeconds: 60 });
    const { refreshToken, grantId } = await provider.logIn();
    const tabs = openTabs({ server: provider.issuer, refreshToken });
    const tokens = kept(tabs.open());
    await tokens.getToken();
    await provider.endSession(grantId);
    tokens.refresh().catch(() => {});
    await until(() => tokens.getState().state === 'signed-out');
    expect(provider.seen).toMatchObject({ refused: ['invalid_grant'], reuses: 0 });
    await until(async () => (await tabs.shared.cache.get(credentialName)) === undefined);
  });

  it('T14 with introspection the provider is asked, and says gone', async () => {
    const provider = await open({ ttlSeconds: 60 });
    const { refreshToken, grantId } = await provider.logIn();
    const tabs = openTabs({ server: provider.issuer, refreshToken, introspect: true });
    const tokens = kept(tabs.open());
    await tokens.getToken();
    await provider.endSession(grantId);
    tokens.refresh().catch(() => {});
    await until(() => tokens.getState().state === 'signed-out');
    expect(tabs.signedOut).toMatchObject([{ reason: 'session_gone' }]);
  });

  it('R13.6 a sign-out revokes what this tab has got last, and the provider ends the session', async () => {
    const provider = await open({ ttlSeconds: 60 });
    const { refreshToken } = await provider.logIn();
    const tabs = openTabs({ server: provider.issuer, refreshToken });
    const tokens = kept(tabs.open());
    await tokens.getToken();
    const successor = await tabs.shared.cache.get(credentialName);
    const { remote } = await tokens.signOut();
    expect(await remote).toBe('revoked');
    const other = openTabs({ server: provider.issuer, refreshToken: successor ?? '' });
    kept(other.open())
      .getToken()
      .catch(() => {});
    await until(() => provider.seen.refused.length > 0);
    expect(provider.seen.refused).toEqual(['invalid_grant']);
  });
});

describe('tokens that are bound to a key', patient, () => {
  it.each([false, true])('R13.7 DPoP, with a nonce of the server’s: %s', async (nonce) => {
    const provider = await open({ ttlSeconds: 60, nonce });
    const keyPair = await generateKeyPair('ES256');
    const dpop = DPoP(client, keyPair);
    const { refreshToken } = await provider.logIn('user_1', await dpop.calculateThumbprint());
    const tabs = openTabs({ server: provider.issuer, refreshToken, dpop });
    const tokens = kept(tabs.open());
    const token = (await tokens.getToken()) ?? '';
    await tokens.refresh();
    // The first request comes without the nonce: it is refused for that, and for nothing else.
    expect(provider.seen).toMatchObject({ granted: 2, refused: nonce ? ['use_dpop_nonce'] : [], reuses: 0 });
    expect(tabs.failed).toEqual([]);

    const { authorize } = oauthTokenSource({ server: provider.issuer, client, refreshToken, dpop });
    const asked = new Request(`${provider.issuer}/me`);
    const me = async (headers: Headers) => (await fetch(asked, { headers })).status;
    expect(await me(await authorize(asked, token))).toBe(200);
    // A proof is for one request; and the token alone is worth nothing.
    const elsewhere = await authorize(new Request(`${provider.issuer}/elsewhere`), token);
    expect(await me(elsewhere)).toBe(401);
    expect(await me(new Headers({ authorization: `DPoP ${token}` }))).toBeGreaterThanOrEqual(400);
    expect(await me(new Headers({ authorization: `Bearer ${token}` }))).toBe(401);
  });

  it('R13.7 somebody else’s key does not get a token', async () => {
    const provider = await open({ ttlSeconds: 60 });
    const owner = DPoP(client, await generateKeyPair('ES256'));
    const thief = DPoP(client, await generateKeyPair('ES256'));
    const { refreshToken } = await provider.logIn('user_1', await owner.calculateThumbprint());
    const tabs = openTabs({ server: provider.issuer, refreshToken, dpop: thief });
    const tokens = kept(tabs.open());
    tokens.getToken().catch(() => {});
    await until(() => tokens.getState().state === 'signed-out');
    expect(provider.seen).toMatchObject({ granted: 0, refused: ['invalid_grant'] });
  });
});
