/** What the cookie adapters of the browser have in common: their options, and how a cookie is put into words. */
import { checkNumber, fail } from '../../machines/check';
import { CookieError } from '../../machines/errors';
import type { Clock } from '../../machines/ports';
import {
  type CookieAttributes,
  checkAttributes,
  type GivenAttributes,
  isCookieValue,
  serializeCookie,
} from './attributes';
import type { Scope } from './choose';

export type SessionCookieOptions = GivenAttributes & {
  /** How many ms past the token's expiry the cookie lives on, for servers that mint from an expired one. Default 0. */
  readonly outageWindowMs?: number;
  /** Longest cookie in bytes, with name and attributes. Default 4096. */
  readonly maxBytes?: number;
  /** Where earlier releases of the app wrote it: removed with the rest, and where it shadows the present one. */
  readonly formerly?: readonly Scope[];
  /** Tells how long a token has left. Default: the system clock. */
  readonly clock?: Pick<Clock, 'now'>;
};

export type CookieSettings = Required<Pick<SessionCookieOptions, 'outageWindowMs' | 'maxBytes' | 'formerly' | 'clock'>>;

/**
 * Fills in the defaults.
 *
 * @param option how to name the culprit, e.g. `documentCookie`
 * @throws {ConfigurationError}
 */
export function settle(option: string, options: SessionCookieOptions): CookieSettings {
  const { outageWindowMs = 0, maxBytes = 4096, formerly = [], clock = Date } = options;
  checkAttributes(option, options);
  checkNumber(`${option}.outageWindowMs`, outageWindowMs, { min: 0 });
  checkNumber(`${option}.maxBytes`, maxBytes, { min: 1 });
  formerly.forEach((scope, index) => {
    checkAttributes(`${option}.formerly[${index}]`, scope);
  });
  return { outageWindowMs, maxBytes, formerly, clock };
}

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** Whether all that is there is this value. */
export const same = (values: readonly string[], value: string): boolean =>
  values.length > 0 && values.every((one) => one === value);

/** A cookie ready to be written. */
export type Draft = {
  readonly text: string;
  /** Seconds. With less than one left, writing it would remove what is there. */
  readonly maxAge: number;
  readonly fits: boolean;
};

/** @throws {ConfigurationError} for a token that no cookie can hold */
export function draft(
  { outageWindowMs, maxBytes, clock }: CookieSettings,
  attributes: CookieAttributes,
  token: string,
  expiresAt: number,
): Draft {
  if (!isCookieValue(token) || token === '') fail('token', 'made of the characters that a cookie may hold', token);
  const maxAge = Math.ceil((expiresAt + outageWindowMs - clock.now()) / 1000);
  const text = serializeCookie(attributes, token, maxAge);
  return { text, maxAge, fits: bytes(text) <= maxBytes };
}

/** The companion's value in the characters that a cookie may hold. @throws {CookieError} where it is too long */
export function encodeContext({ maxBytes }: CookieSettings, companion: CookieAttributes, value: string): string {
  const encoded = encodeURIComponent(value);
  if (bytes(serializeCookie(companion, encoded)) > maxBytes) throw new CookieError('too_large');
  return encoded;
}

/** Garbage reads as nothing. */
export function decodeContext(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
