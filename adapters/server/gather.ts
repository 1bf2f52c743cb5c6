/** Gathers and verifies what the machine decides from; the raw tokens stay here. */

import { redactCause } from '../../machines/errors';
import type { HandshakeFacts } from '../../machines/handshake/facts';
import { readMarker } from '../../machines/handshake/laws';
import { type Address, addressOf } from './address';
import { type CookiePair, cookiePairs, valuesOf } from './cookie-header';
import { isBound } from './handshake-return';
import type { ServerSettings } from './options';
import { credentialOf } from './refresh';
import { bearerOf, requestFacts } from './request-facts';
import { type BrowserState, readStates } from './state-cookie';
import type { SessionVerifier, VerifiedToken } from './verify';

/** More than a browser has reason to send: looking at each of them would be somebody's way to keep a server busy. */
const maxCandidates = 4;

export type Gathered = {
  readonly facts: HandshakeFacts;
  readonly address: Address;
  readonly nowMs: number;
  readonly bearer: VerifiedToken | null;
  /** In the order of `facts.cookies`. */
  readonly cookies: readonly VerifiedToken[];
  readonly credential: string | null;
  readonly browser: BrowserState;
};

async function readCredential(request: Request, pairs: readonly CookiePair[], settings: ServerSettings) {
  const { refresh, logger } = settings;
  if (!refresh) return null;
  try {
    return await credentialOf(request, pairs, refresh);
  } catch (error) {
    logger.error?.('refresh.credential failed.', { cause: redactCause(error) });
    return null;
  }
}

/** @param readOnly the answer's headers cannot reach the browser */
export async function gather(
  request: Request,
  readOnly: boolean,
  settings: ServerSettings,
  verify: SessionVerifier,
): Promise<Gathered> {
  const { origins, clock, cookie, marker, refresh, handshake, skewMs } = settings;
  const nowMs = clock.now();
  const address = addressOf(request.url, origins);
  const pairs = cookiePairs(request);
  const bearerToken = bearerOf(request);
  const bearer = bearerToken === null ? null : await verify(bearerToken, nowMs);
  // A bearer token decides alone (H1): nothing else is looked into.
  const values = bearer ? [] : valuesOf(pairs, cookie.name);
  const cookies = await Promise.all(values.slice(0, maxCandidates).map((value) => verify(value, nowMs)));
  const verdicts = cookies.map(({ verdict }) => verdict);
  const credential = bearer ? null : await readCredential(request, pairs, settings);
  const browser = readStates(pairs, nowMs);
  const facts: HandshakeFacts = {
    request: requestFacts(request, origins, readOnly),
    bearer: bearer?.verdict ?? null,
    // Too many to look at are too many to choose from (H2b).
    cookies: values.length > maxCandidates ? verdicts.map(() => tooMany) : verdicts,
    ...(marker !== undefined && { marker: readMarker(valuesOf(pairs, marker), nowMs, skewMs) }),
    ...(refresh && { refresh: { credential: credential !== null, methods: refresh.methods } }),
    ...(handshake && {
      handshake: {
        recent: browser.entries.length,
        back: address.isBack,
        bound: isBound(address, browser, handshake),
        knownBrowser: browser.cookies.length > 0,
      },
    }),
  };
  return { facts, address, nowMs, bearer, cookies, credential, browser };
}

const tooMany = { is: 'bad', issuedAt: null, reason: 'token-malformed' } as const;
