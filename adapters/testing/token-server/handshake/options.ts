import type { CryptoKey, JWK } from 'jose';
import { checkKnown, checkNumber, checkObject, checkOneOf, checkText, fail } from '../../../../machines/check';

/** How a token server issues for applications that use `createRequestAuthenticator` with a handshake. */
export type HandshakeIssuerOptions = {
  /** Origins of applications: nobody is sent anywhere else. */
  readonly appOrigins: readonly string[];
  /** What the way back carries: the handshake token (default), or a nonce that the application exchanges for it. */
  readonly by?: 'token' | 'nonce';
  /** The private key to what applications have as `encryptionKey`. Without it only a legible `__session` is evidence. */
  readonly decryptionKey?: CryptoKey | JWK;
  /** For how many seconds after its expiry a token is evidence, while the origin is down. Default 3600. */
  readonly evidenceSeconds?: number;
  /** The marker is set for this domain, by the issuer itself; otherwise it is among the cookies that the application sets. */
  readonly markerDomain?: string;
  readonly cookies?: {
    /** The issuer's own, HttpOnly: which session this browser has. Default `__client`. */
    readonly client?: string;
    /** Default `__session`. */
    readonly session?: string;
    /** Default `__client_uat`. */
    readonly marker?: string;
    /** With `credential: 'rotating'`: the application's, with a credential for `refresh.run`. Default: none is given. */
    readonly refresh?: string;
  };
};

export type HandshakeIssuerSettings = Omit<HandshakeIssuerOptions, 'cookies'> &
  Required<Pick<HandshakeIssuerOptions, 'by' | 'evidenceSeconds'>> & {
    readonly cookies: {
      readonly client: string;
      readonly session: string;
      readonly marker: string;
      readonly refresh?: string;
    };
  };

/** Every option, for the check and for nothing else: `satisfies` keeps it complete. */
const known = {
  appOrigins: 1,
  by: 1,
  decryptionKey: 1,
  evidenceSeconds: 1,
  markerDomain: 1,
  cookies: 1,
} satisfies Record<keyof HandshakeIssuerOptions, 1>;

/** @throws ConfigurationError for the first option that cannot work */
export function readHandshakeOptions(option: string, options: HandshakeIssuerOptions): HandshakeIssuerSettings {
  checkObject(option, options);
  checkKnown(option, options, Object.keys(known));
  const { appOrigins, by = 'token', evidenceSeconds = 3_600, cookies = {} } = options;
  if (!Array.isArray(appOrigins) || appOrigins.length === 0)
    fail(`${option}.appOrigins`, 'a list of origins', appOrigins);
  appOrigins.forEach((origin, index) => {
    const isOrigin = typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin;
    if (!isOrigin) fail(`${option}.appOrigins[${index}]`, 'an origin', origin);
  });
  checkOneOf(`${option}.by`, by, ['token', 'nonce'] as const);
  checkNumber(`${option}.evidenceSeconds`, evidenceSeconds, { min: 0 });
  if (options.decryptionKey !== undefined) checkObject(`${option}.decryptionKey`, options.decryptionKey);
  if (options.markerDomain !== undefined) checkText(`${option}.markerDomain`, options.markerDomain);
  checkObject(`${option}.cookies`, cookies);
  checkKnown(`${option}.cookies`, cookies, ['client', 'session', 'marker', 'refresh']);
  for (const [name, value] of Object.entries(cookies)) checkText(`${option}.cookies.${name}`, value);
  const named = { client: '__client', session: '__session', marker: '__client_uat', ...cookies };
  return { ...options, by, evidenceSeconds, cookies: named };
}
