/** Sessions, single-use credentials, the recorded requests, and the network in front of the server. */
import { describe, expect, it } from 'vitest';
import { createTokenServer } from '../../adapters/testing/token-server/create';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { ConfigurationError } from '../../machines/errors';
import type { CredentialSlot } from '../../machines/ports';
import { setUp, watch } from './support';

const signal = () => new AbortController().signal;

describe('createTokenServer: sessions', () => {
  it('§8 a revoked session is refused and gone, until it signs in again; others live on', async () => {
    const { clock, server, source, mint } = setUp();
    server.revoke('sess_1');
    expect((await mint()).error).toMatchObject({ status: 401, serverCode: 'session_revoked' });
    expect((await mint({ key: { sessionId: 'sess_2' } })).value).toBeDefined();
    const gone = watch(source.checkSession?.({ sessionId: 'sess_1', signal: signal() }));
    await clock.advance(100);
    expect(gone.value).toBe('gone');
    server.signIn('sess_1');
    const active = watch(source.checkSession?.({ sessionId: 'sess_1', signal: signal() }));
    expect((await mint()).value).toBeDefined();
    expect(active.value).toBe('active');
  });

  it('§8 a sign-out that arrives ends the session', async () => {
    const { clock, source, mint } = setUp();
    watch(source.revoke?.({ sessionId: 'sess_1', signal: signal() }));
    await clock.advance(100);
    expect((await mint()).error).toMatchObject({ status: 401 });
  });

  it('§8 in an outage nobody can be asked', async () => {
    const { clock, server, source } = setUp();
    server.revoke('sess_1');
    server.respondWith({ do: 'outage' });
    const verdict = watch(source.checkSession?.({ sessionId: 'sess_1', signal: signal() }));
    await clock.advance(100);
    expect(verdict.value).toBe('unknown');
  });
});

/** A slot as a lifecycle has it. */
function slotOver(first: string | undefined): CredentialSlot & { held: string | undefined } {
  const slot = {
    held: first,
    read: async () => slot.held,
    commit: async (next: string) => {
      slot.held = next;
    },
  };
  return slot;
}

describe('createTokenServer: single-use credentials', () => {
  const rotating = (reuseGraceMs = 0) => setUp({ credential: 'rotating', reuseGraceMs });

  it('§10 each mint spends one and gives the next', async () => {
    const { server, source, mint } = rotating();
    const slot = slotOver(server.signIn('sess_1').credential);
    const first = slot.held;
    expect(source).toMatchObject({ credential: 'rotating', reuseGraceMs: 0 });
    for (let round = 0; round < 3; round += 1) expect((await mint({ credential: slot })).value).toBeDefined();
    expect(slot.held).not.toBe(first);
    const spent = server.requests.map(({ credential }) => credential);
    expect(new Set(spent).size).toBe(3);
    expect(server.reuses).toBe(0);
  });

  it('§10 a second use ends the session, and is counted', async () => {
    const { server, mint } = rotating();
    const first = server.signIn('sess_1').credential;
    await mint({ credential: slotOver(first) });
    const successor = slotOver('');
    expect((await mint({ credential: slotOver(first) })).error).toMatchObject({
      status: 400,
      serverCode: 'invalid_grant',
    });
    expect(server.reuses).toBe(1);
    expect((await mint({ credential: successor })).error).toMatchObject({ serverCode: 'invalid_grant' });
    expect(server.reuses).toBe(1);
  });

  it('§10 inside the grace the same successor comes again; after it, or once that is spent, it is a reuse', async () => {
    const { clock, server, mint } = rotating(10_000);
    const first = server.signIn('sess_1').credential;
    const [one, two, late] = [slotOver(first), slotOver(first), slotOver(first)];
    server.script([{ do: 'drop' }]);
    await mint({ credential: one });
    expect(one.held).toBe(first);
    await clock.advance(9_800);
    await mint({ credential: one });
    expect(one.held).not.toBe(first);
    await mint({ credential: two });
    expect((await mint({ credential: late })).error).toMatchObject({ serverCode: 'invalid_grant' });
    expect([server.reuses, two.held]).toEqual([1, first]);

    const other = rotating(10_000);
    const start = other.server.signIn('sess_1').credential;
    const ahead = slotOver(start);
    await other.mint({ credential: ahead });
    await other.mint({ credential: ahead });
    await other.mint({ credential: slotOver(start) });
    expect(other.server.reuses).toBe(1);
  });

  it('§10 one that nobody issued, or of another session, is refused', async () => {
    const { server, mint } = rotating();
    const other = server.signIn('sess_2').credential;
    for (const credential of [slotOver('made-up'), slotOver(other), slotOver(undefined)]) {
      expect((await mint({ credential })).error).toMatchObject({ status: 400, serverCode: 'invalid_grant' });
    }
    expect(server.reuses).toBe(0);
  });
});

describe('createTokenServer: what arrived', () => {
  it('§12 requests are kept with fingerprints, and without secrets', async () => {
    const { server, mint } = setUp({ credential: 'rotating' });
    const { credential = '' } = server.signIn('sess_1');
    const lastToken = (await mint({ credential: slotOver(credential) })).value?.token ?? '';
    await mint({ lastToken, cause: 'proactive', presence: 'hidden', attempt: 3, credential: slotOver('again') });
    expect(server.requests).toMatchObject([
      { at: 50, op: 'mint', path: '/tokens', key: { sessionId: 'sess_1' }, cause: 'read', presented: null },
      {
        at: 150,
        cause: 'proactive',
        presence: 'hidden',
        attempt: 3,
        presented: { sessionId: 'sess_1', fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) },
        credential: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    ]);
    const kept = JSON.stringify(server.requests);
    expect(kept).not.toContain(credential);
    expect(kept).not.toContain(lastToken.split('.')[2]);
  });

  it('§5 other paths and methods are none of its business', async () => {
    const { server } = setUp({ latencyMs: 0 });
    expect((await server.fetch('https://auth.test/other', { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await server.fetch('https://auth.test/tokens')).status).toBe(404);
    expect(server.requests).toEqual([]);
  });

  it('§5 answers wherever it is put, and takes a Request as well', async () => {
    const { server } = setUp({ latencyMs: 0 });
    const request = new Request('http://127.0.0.1:4000/auth/tokens?x=1', { method: 'POST', body: '{"sessionId":"s"}' });
    const answer = await server.fetch(request);
    expect(await answer.json()).toEqual({ token: expect.stringMatching(/^ey/) });
    expect(server.requests).toMatchObject([{ path: '/auth/tokens', key: { sessionId: 's' } }]);
  });
});

describe('createTokenServer: the network in front of it', () => {
  it('§5 without a network nothing arrives, and no answer either', async () => {
    const { clock, server, mint, source, request } = setUp();
    server.setOnline(false);
    expect((await mint({}, 0)).error).toMatchObject({ status: undefined });
    expect(server.requests).toEqual([]);
    server.setOnline(true);
    const seen = watch(source.mint(request()));
    await clock.advance(60);
    server.setOnline(false);
    await clock.advance(40);
    expect(seen.error).toMatchObject({ code: 'request_failed', status: undefined });
    expect(server.mints).toEqual([50]);
  });

  it('§5 an aborted request ends at once for the client; what was sent arrives', async () => {
    const { clock, server, source, request } = setUp();
    const given = new AbortController();
    const seen = watch(source.mint(request({ signal: given.signal })));
    await clock.advance(20);
    given.abort();
    await clock.settle();
    expect(seen.settled).toBe(true);
    await clock.advance(100);
    expect(server.mints).toEqual([50]);
    const before = watch(server.fetch('https://auth.test/tokens', { method: 'POST', signal: given.signal }));
    await clock.advance(100);
    expect([before.settled, server.mints.length]).toEqual([true, 1]);
  });

  it('§5 takes its latency on the clock, half to get there and half to come back', async () => {
    const { clock, server, source, request } = setUp({ latencyMs: 400 });
    const seen = watch(source.mint(request()));
    await clock.advance(399);
    expect([seen.settled, server.mints]).toEqual([false, [200]]);
    await clock.advance(1);
    expect(seen.settled).toBe(true);
  });
});

describe('createTokenServer: bad input', () => {
  const clock = createVirtualClock();
  it.each<[string, () => unknown]>([
    ['createTokenServer.ttlSeconds', () => createTokenServer({ clock, ttlSeconds: -1 })],
    ['createTokenServer.latency', () => createTokenServer({ latency: 5 } as object)],
    ['createTokenServer.signing', () => createTokenServer({ signing: 'none' as 'ES256' })],
    ['respondWith.do', () => createTokenServer().respondWith({ do: 'nothing' } as never)],
    ['respondWith', () => createTokenServer().respondWith('mint' as never)],
    ['script[1].status', () => createTokenServer().script([{ do: 'mint' }, { do: 'status', status: 99 }])],
    [
      'script[0].answer.how',
      () => createTokenServer().script([{ do: 'drop', answer: { do: 'malformed', how: 'x' as 'html' } }]),
    ],
    ['revoke(sessionId)', () => createTokenServer().revoke('')],
  ])('%s is named', (option, call) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'invalid_option', option } satisfies Partial<ConfigurationError>),
    );
  });
});
