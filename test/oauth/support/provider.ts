/** A real OpenID provider on the loopback, with rotation and reuse detection; sessions are seeded, nobody logs in. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';

export type ProviderOptions = {
  /** Of access tokens. Default 2. */
  readonly ttlSeconds?: number;
  /** 'jwt': by a resource indicator. Default 'opaque'. */
  readonly format?: 'opaque' | 'jwt';
  /** For how many ms a spent refresh token is forgiven. Default 0. */
  readonly graceMs?: number;
  readonly rotate?: boolean;
  /** The server wants a nonce of its own in each proof. */
  readonly nonce?: boolean;
};

export const audience = 'https://api.example.com';
export const clientId = 'app';
export const redirectUri = 'https://app.example.com/callback';

/** Everything in memory; what is consumed shows only once the grace is over. */
function storage(graceMs: number): new (kind: string) => Adapter {
  const entries = new Map<string, AdapterPayload>();
  const grants = new Map<string, Set<string>>();
  return class MemoryAdapter implements Adapter {
    readonly #kind: string;
    constructor(kind: string) {
      this.#kind = kind;
    }
    readonly #key = (id: string): string => `${this.#kind}:${id}`;
    async upsert(id: string, payload: AdapterPayload): Promise<void> {
      const key = this.#key(id);
      entries.set(key, payload);
      if (payload.grantId) grants.set(payload.grantId, (grants.get(payload.grantId) ?? new Set()).add(key));
    }
    async find(id: string): Promise<AdapterPayload | undefined> {
      const found = entries.get(this.#key(id));
      if (!found) return undefined;
      const { consumedAt, ...payload } = found;
      const isConsumed = typeof consumedAt === 'number' && Date.now() - consumedAt >= graceMs;
      return { ...payload, ...(isConsumed && { consumed: Math.floor(consumedAt / 1_000) }) };
    }
    async findByUserCode(): Promise<undefined> {}
    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return [...entries.values()].find((payload) => payload.kind === this.#kind && payload.uid === uid);
    }
    async consume(id: string): Promise<void> {
      const found = entries.get(this.#key(id));
      if (found) found.consumedAt ??= Date.now();
    }
    async destroy(id: string): Promise<void> {
      entries.delete(this.#key(id));
    }
    async revokeByGrantId(grantId: string): Promise<void> {
      for (const key of grants.get(grantId) ?? []) entries.delete(key);
    }
  };
}

async function configuration(options: ProviderOptions): Promise<Configuration> {
  const { ttlSeconds = 2, format = 'opaque', graceMs = 0, rotate = true, nonce = false } = options;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return {
    adapter: storage(graceMs),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'key-1' }] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [redirectUri],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    rotateRefreshToken: rotate,
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['only for tests'] },
    issueRefreshToken: async () => true,
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    ttl: { AccessToken: ttlSeconds, RefreshToken: 3_600, Grant: 3_600, IdToken: 60, Session: 3_600, Interaction: 60 },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      introspection: { enabled: true, allowedPolicy: () => true },
      dPoP: { enabled: true, ...(nonce && { nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true }) },
      ...(format === 'jwt' && {
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            audience,
            scope: 'api',
            accessTokenFormat: 'jwt',
            accessTokenTTL: ttlSeconds,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      }),
    },
  };
}

/** Somebody signs in and consents to whatever is asked. */
async function agree(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: 'user_1' } });
    return;
  }
  const grant = new provider.Grant({ accountId: 'user_1', clientId });
  grant.addOIDCScope('openid offline_access');
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

export type OpenProvider = Awaited<ReturnType<typeof openProvider>>;

/** Listens on a free port of the loopback until `close()`. */
export async function openProvider(options: ProviderOptions = {}) {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, await configuration(options));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) agree(provider, request, response).catch(() => response.destroy());
    else answer(request, response);
  });

  const seen = { granted: 0, reuses: 0, refused: [] as string[] };
  provider.on('grant.success', () => {
    seen.granted += 1;
  });
  provider.on('grant.error', (_, error) => {
    seen.refused.push(error.error);
    if (error.error_detail === 'refresh token already used') seen.reuses += 1;
  });

  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    seen,
    /** A session as a login leaves it. @returns its first refresh token; `grantId` by which it can be ended */
    logIn: async (accountId = 'user_1', jkt?: string) => {
      const client = await provider.Client.find(clientId);
      if (!client) throw new Error('no client');
      const grant = new provider.Grant({ accountId, clientId });
      grant.addOIDCScope('openid offline_access');
      if (options.format === 'jwt') grant.addResourceScope(audience, 'api');
      const grantId = await grant.save();
      const token = new provider.RefreshToken({
        client,
        grantId,
        accountId,
        scope: options.format === 'jwt' ? 'openid offline_access api' : 'openid offline_access',
        gty: 'authorization_code',
        authTime: Math.floor(Date.now() / 1_000),
        expiresWithSession: false,
        ...(options.format === 'jwt' && { resource: audience }),
        ...(jkt !== undefined && { jkt }),
      } as ConstructorParameters<typeof provider.RefreshToken>[0]);
      return { refreshToken: await token.save(), grantId };
    },
    /** Whether an access token is good, as an API would ask. */
    accountOf: async (accessToken: string): Promise<string | undefined> =>
      (await provider.AccessToken.find(accessToken))?.accountId,
    endSession: async (grantId: string): Promise<void> => {
      await (await provider.Grant.find(grantId))?.destroy();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
