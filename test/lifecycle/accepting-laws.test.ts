/** Laws that hold while tokens come, fail to come, and are put away. */
import { describe, expect, it } from 'vitest';
import { jwt } from '../support/jwt';
import { createTab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const start = Date.UTC(2026, 0, 1) / 1_000;

describe('Laws that hold meanwhile', () => {
  const failures: readonly Behaviour[] = [
    { do: 'status', status: 500 },
    { do: 'status', status: 401 },
    { do: 'status', status: 403 },
    { do: 'status', status: 422, code: 'missing_expired_token' },
    { do: 'status', status: 429, retryAfterMs: 5_000 },
    { do: 'drop' },
    { do: 'hang' },
    { do: 'answer', result: { token: '' } },
    { do: 'mint', sid: 'sess_9' },
    { do: 'mint', ageSeconds: 70 },
  ];
  for (const behaviour of failures) {
    it(`S3 T24 a forced refresh that fails (${JSON.stringify(behaviour)}) leaves the held token readable`, async () => {
      const tab = createTab();
      await tab.startFresh();
      const [held] = tab.server.issued;
      tab.server.respondWith(behaviour);
      const forced = tab.watch(tab.tokens.refresh());
      for (let second = 0; second < 42; second += 1) {
        await tab.clock.advance(1_000);
        expect(tab.tokens.peek()).toBe(held);
        expect(await tab.tokens.getToken()).toBe(held);
        expect(tab.cookie?.read()).toEqual([{ value: held }]);
      }
      expect(forced.token).not.toBe('');
      expect(tab.of('session.signedOut')).toEqual([]);
    });
  }

  it('S8 R10.17 a cookie that is fresher by another tab’s doing is left alone', async () => {
    const theirs = jwt({ iat: start + 2, exp: start + 62 });
    const tab = createTab();
    await tab.startFresh();
    tab.cookie?.write(theirs, { expiresAt: Number.MAX_SAFE_INTEGER });
    tab.server.script([{ do: 'mint', ageSeconds: 0 }]);
    await tab.clock.advance(900);
    void tab.tokens.refresh();
    await tab.clock.advance(100);
    expect(tab.cookie?.read()).toEqual([{ value: theirs }]);
    await tab.clock.advance(60_000);
    expect(tab.cookie?.read()).toEqual([{ value: tab.tokens.peek() }]);
  });
});
