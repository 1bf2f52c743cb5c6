/** Tokens for tests in virtual time. The signature is nonsense: a client does not look at it. */
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export type JwtOptions = {
  /** Epoch seconds. */
  readonly iat?: number | undefined;
  readonly exp?: number | undefined;
  /** Header `oiat`, epoch seconds. */
  readonly oiat?: number;
  readonly sid?: string | undefined;
  readonly claims?: Readonly<Record<string, unknown>>;
};

let serial = 0;

/** Two calls never give the same string. */
export function jwt({ iat, exp, oiat, sid = 'sess_1', claims = {} }: JwtOptions): string {
  serial += 1;
  const header = { alg: 'ES256', typ: 'JWT', ...(oiat !== undefined && { oiat }) };
  const payload = { iss: 'https://issuer.test', sub: 'user_1', jti: String(serial), sid, iat, exp, ...claims };
  return `${encode(header)}.${encode(payload)}.c2lnbmF0dXJl`;
}
