/** Errors about bad input: what they must have, and what must not be in them. */
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { jwt } from './jwt';

export const start = Date.UTC(2026, 0, 1) / 1_000;
export const token = jwt({ iat: start, exp: start + 60 });
export const foreign = jwt({ iat: start, exp: start + 60, sid: 'sess_2' });

/** No 12-character piece of a secret, wherever one looks. */
export function expectSilent(error: unknown, secrets: readonly string[] = [token, foreign]): void {
  const seen = [
    inspect(error, { depth: 8, showHidden: true }),
    JSON.stringify(error),
    String(error),
    (error as Error).message,
  ].join();
  const pieces = secrets.flatMap((secret) => secret.split('.').flatMap((part) => part.match(/.{12}/g) ?? []));
  expect(pieces.filter((piece) => piece.length > 0 && seen.includes(piece))).toEqual([]);
}

export const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return 'nothing was thrown';
};

export function expectConfigurationError(error: unknown, option: string | RegExp): void {
  expect(error).toMatchObject({ library: 'token-lifecycle', code: 'invalid_option' });
  const { option: named, reason, message } = error as { option: string; reason: string; message: string };
  if (typeof option === 'string') expect(named).toBe(option);
  else expect(named).toMatch(option);
  expect(reason.length).toBeGreaterThan(5);
  expect(message).toBe(`${named} ${reason}.`);
  expectSilent(error);
}

/** Neither options nor anything like them. */
export const nothing = [null, 0, '', 'text', token, true, Symbol('x'), () => {}, []] as const;
