import {
  checkBoolean,
  checkKnown,
  checkMethods,
  checkNumber,
  checkObject,
  checkOneOf,
  checkText,
} from '../../../machines/check';
import type { Clock } from '../../../machines/ports';
import { systemClock } from '../../clock/system';
import { type HandshakeIssuerOptions, type HandshakeIssuerSettings, readHandshakeOptions } from './handshake/options';
import type { Signing } from './signer';

/** Any clock will do. A virtual one also tells true time, and waits for signatures. */
export type ServerTime = Clock & { trueNow?(): number; hold?<T>(work: Promise<T>): Promise<T> };

export type TokenServerOptions = {
  /** Default: the system's, for servers that real clients talk to. */
  readonly clock?: ServerTime;
  /** Lifetime of tokens. Default 60. */
  readonly ttlSeconds?: number;
  /** What a request by `fetch` takes on `clock`, there and back. Default 100 ms. `handle` takes none. */
  readonly latencyMs?: number;
  /** The server's clock minus the client's, as it is at the start. Default 0. */
  readonly offsetMs?: number;
  /** Answers carry `Date`. Default false: browsers hide it from pages of another origin. */
  readonly withDate?: boolean;
  /** Tokens carry the header `oiat`, and edges pass it on. Default false. */
  readonly withOrigin?: boolean;
  /** `ES256` (default): by jose, with keys of its own. `HS256`: faster, and the same requests give the same tokens. */
  readonly signing?: Signing;
  /** Where `source()` sends requests. Default `https://auth.test`. Paths: /tokens, /session, /session/end. */
  readonly origin?: string;
  /** `rotating`: each mint spends a credential and gives the next one. Default `ambient`: whoever names a session gets its token; so under `reusable`. */
  readonly credential?: 'ambient' | 'reusable' | 'rotating';
  /** Rotating only: for how many ms a second use is forgiven. Default 0: it ends the session. */
  readonly reuseGraceMs?: number;
  /** Browsers can be sent here for a sign-in and for handshakes, with real cookies. Default: nothing of the kind. */
  readonly handshake?: HandshakeIssuerOptions;
};

export type ServerSettings = Required<Omit<TokenServerOptions, 'handshake'>> & {
  readonly handshake: HandshakeIssuerSettings | null;
};

const known = {
  clock: 1,
  ttlSeconds: 1,
  latencyMs: 1,
  offsetMs: 1,
  withDate: 1,
  withOrigin: 1,
  signing: 1,
  origin: 1,
  credential: 1,
  reuseGraceMs: 1,
  handshake: 1,
} satisfies Record<keyof TokenServerOptions, 1>;

/** @throws ConfigurationError for the first option that cannot work */
export function readServerOptions(options: TokenServerOptions): ServerSettings {
  checkObject('createTokenServer', options);
  checkKnown('createTokenServer', options, Object.keys(known));
  const settings: ServerSettings = {
    clock: options.clock ?? systemClock(),
    ttlSeconds: options.ttlSeconds ?? 60,
    latencyMs: options.latencyMs ?? 100,
    offsetMs: options.offsetMs ?? 0,
    withDate: options.withDate ?? false,
    withOrigin: options.withOrigin ?? false,
    signing: options.signing ?? 'ES256',
    origin: options.origin ?? 'https://auth.test',
    credential: options.credential ?? 'ambient',
    reuseGraceMs: options.reuseGraceMs ?? 0,
    handshake:
      options.handshake === undefined ? null : readHandshakeOptions('createTokenServer.handshake', options.handshake),
  };
  const name = (option: keyof TokenServerOptions) => `createTokenServer.${option}`;
  checkMethods(name('clock'), settings.clock, ['now', 'monotonicNow', 'setTimeout', 'clearTimeout']);
  checkNumber(name('ttlSeconds'), settings.ttlSeconds, { min: 0 });
  checkNumber(name('latencyMs'), settings.latencyMs, { min: 0 });
  checkNumber(name('offsetMs'), settings.offsetMs, { min: -Number.MAX_SAFE_INTEGER });
  checkNumber(name('reuseGraceMs'), settings.reuseGraceMs, { min: 0 });
  checkBoolean(name('withDate'), settings.withDate);
  checkBoolean(name('withOrigin'), settings.withOrigin);
  checkOneOf(name('signing'), settings.signing, ['ES256', 'HS256']);
  checkOneOf(name('credential'), settings.credential, ['ambient', 'reusable', 'rotating']);
  checkText(name('origin'), settings.origin);
  return settings;
}
