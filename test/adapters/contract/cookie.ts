import { describe, expect, it } from 'vitest';
import type { SessionCookie } from '../../../machines/ports';

/** Two tabs over one jar. */
export type CookieSetup = {
  readonly first: SessionCookie;
  readonly second: SessionCookie;
  readonly now: () => number;
  readonly pass: (ms: number) => void;
};

const values = async (cookie: SessionCookie): Promise<string[]> => (await cookie.read()).map(({ value }) => value);

/** What every `SessionCookie` keeps to. `make` gives an empty jar whose lifetime runs on the given clock. */
export function cookieContract(name: string, make: () => CookieSetup | Promise<CookieSetup>): void {
  describe(`cookie contract: ${name}`, () => {
    it('§10 what one tab writes, both read', async () => {
      const { first, second, now } = await make();
      expect(await values(first)).toEqual([]);
      expect(await first.write('one', { expiresAt: now() + 60_000 })).toEqual({ status: 'written' });
      expect(await values(first)).toEqual(['one']);
      expect(await values(second)).toEqual(['one']);
    });

    it('§10 a second write replaces the first, from either tab', async () => {
      const { first, second, now } = await make();
      await first.write('one', { expiresAt: now() + 60_000 });
      expect(await second.write('two', { expiresAt: now() + 60_000 })).toEqual({ status: 'written' });
      expect(await values(first)).toEqual(['two']);
    });

    it('89 the same value is not written again', async () => {
      const { first, second, now } = await make();
      await first.write('one', { expiresAt: now() + 60_000 });
      expect(await second.write('one', { expiresAt: now() + 60_000 })).toEqual({ status: 'unchanged' });
    });

    it('§10 it lasts as long as the token, and no longer', async () => {
      const { first, now, pass } = await make();
      await first.write('one', { expiresAt: now() + 60_000 });
      pass(59_000);
      expect(await values(first)).toEqual(['one']);
      pass(2000);
      expect(await values(first)).toEqual([]);
    });

    it('S1 writing a token whose time is over removes nothing', async () => {
      const { first, now } = await make();
      await first.write('one', { expiresAt: now() + 60_000 });
      expect(await first.write('old', { expiresAt: now() - 1 })).toEqual({ status: 'rejected', reason: 'blocked' });
      expect(await values(first)).toEqual(['one']);
    });

    it('K05 a value that no cookie can hold is an answer, not a silent loss', async () => {
      const { first, now } = await make();
      await first.write('one', { expiresAt: now() + 60_000 });
      const answer = await first.write('x'.repeat(6000), { expiresAt: now() + 60_000 });
      expect(answer).toEqual({ status: 'rejected', reason: 'too_large' });
      expect(await values(first)).toEqual(['one']);
    });

    it('§8 remove takes it away for both, and twice is once', async () => {
      const { first, second, now } = await make();
      await first.write('one', { expiresAt: now() + 60_000 });
      await second.remove();
      await second.remove();
      expect(await values(first)).toEqual([]);
      expect(await first.write('one', { expiresAt: now() + 60_000 })).toEqual({ status: 'written' });
    });

    it('§8 the companion is shared, survives removal, and takes any text', async () => {
      const { first, second } = await make();
      expect(await first.readContext?.()).toBeUndefined();
      const text = '{"epoch":3,"active":"a;b=c, ü"}';
      await first.writeContext?.(text);
      await first.remove();
      expect(await second.readContext?.()).toBe(text);
      await second.writeContext?.('');
      expect((await first.readContext?.()) ?? '').toBe('');
    });

    it('§10 sync: true means that nothing is a promise', async () => {
      const { first, now } = await make();
      if (!first.sync) return;
      const answers = [first.read(), first.write('one', { expiresAt: now() + 60_000 }), first.remove()];
      expect(answers.filter((answer) => answer instanceof Promise)).toEqual([]);
    });

    it('J09 methods work without their receiver', async () => {
      const { first, now } = await make();
      const { read, write, remove } = first;
      await write('one', { expiresAt: now() + 60_000 });
      expect((await read()).length).toBe(1);
      await remove();
      expect((await read()).length).toBe(0);
    });
  });
}
