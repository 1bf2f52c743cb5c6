import { beforeEach, describe, expect, it } from 'vitest';
import { createServerClock } from '../../docs/demo/server/clock';
import { createSigningKeys, type SigningKeys } from '../../docs/demo/server/keys';
import { createSessionStore, type DemoSession } from '../../docs/demo/server/sessions';
import { createTokenService, type TokenService } from '../../docs/demo/server/tokens';

const hourMs = 60 * 60 * 1000;
const issuer = 'http://127.0.0.1:4400';
const session: DemoSession = { id: 'sess_1', userId: 'user_1', organizationId: null };

let now: number;
let keys: SigningKeys;
let tokens: TokenService;

beforeEach(async () => {
  now = Date.UTC(2025, 0, 1);
  keys = await createSigningKeys();
  tokens = createTokenService(
    keys,
    createServerClock(() => now),
    () => issuer,
  );
});

describe('a token as evidence in an outage', () => {
  it('demo evidence may have expired, and is good for a day', async () => {
    const token = await tokens.mint(session, { ttlSeconds: 60 });
    now += 24 * hourMs;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    expect(await tokens.readEvidence(token, session)).toEqual({ originIssuedAt: Date.UTC(2025, 0, 1) / 1000 });
    now += 1_000;
    expect(await tokens.readEvidence(token, session)).toBeNull();
  });

  it('demo evidence is not from the future', async () => {
    const token = await tokens.mint(session, { ttlSeconds: 60 });
    now -= hourMs;
    expect(await tokens.readEvidence(token, session)).toBeNull();
  });

  it('demo evidence is of this issuer, even if another has the same key', async () => {
    const other = createTokenService(
      keys,
      createServerClock(() => now),
      () => 'http://127.0.0.1:1',
    );
    const token = await other.mint(session, { ttlSeconds: 60 });
    expect(await tokens.readEvidence(token, session)).toBeNull();
    await expect(tokens.verify(token)).rejects.toMatchObject({ claim: 'iss' });
  });

  it('demo evidence is a token', async () => {
    for (const text of ['', 'a.b.c', 'nothing']) expect(await tokens.readEvidence(text, session)).toBeNull();
  });
});

it('demo sessions: the oldest makes room', () => {
  const sessions = createSessionStore(2);
  const [first, second, third] = ['a', 'b', 'c'].map((userId) => sessions.begin({ userId, organizationId: null }));
  expect(sessions.bySecret(first?.secret)).toBeUndefined();
  expect(sessions.bySecret(second?.secret)).toEqual(second?.session);
  expect(sessions.bySecret(third?.secret)).toEqual(third?.session);
});
