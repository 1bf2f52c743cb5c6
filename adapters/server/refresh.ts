/** Spends a refresh credential: once, whoever asks (H7). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { redactCause } from '../../machines/errors';
import { classifyFailure } from '../../machines/failure';
import type { RefreshOutcome } from '../../machines/handshake/facts';
import { defaultPolicy } from '../../machines/policy';
import { decodeToken } from '../token/decode';
import { type CookiePair, valuesOf } from './cookie-header';
import { answerDeadlineMs, withDeadline } from './deadline';
import type { RefreshSettings, ServerSettings } from './options';
import type { RefreshResult } from './types';
import type { SessionVerifier, VerifiedToken } from './verify';

/** For how long a result is handed to those who come later with the credential that it was bought with. */
const keepMs = 60_000;
const beforeExpiryMs = 5_000;

export type Refreshed = {
  readonly outcome: RefreshOutcome;
  readonly token: VerifiedToken | null;
  readonly cookies: RefreshResult['cookies'];
  readonly retryAfterMs: number | undefined;
};

type Flight = { readonly result: Promise<RefreshResult | null>; keepUntil: number };

/** Not at each call: there may be a hundred thousand. */
const sweepMs = 1_000;

function expiryOf(token: string): number {
  try {
    return decodeToken(token).expiresAt ?? 0;
  } catch {
    return 0;
  }
}

/** One per credential and process; a success is kept until the new token is about to expire. */
export function processFlights(now: () => number): NonNullable<RefreshSettings['singleFlight']> {
  const flights = new Map<string, Flight>();
  let sweptAt = Number.NEGATIVE_INFINITY;

  function sweep(at: number): void {
    if (Math.abs(at - sweptAt) < sweepMs) return;
    sweptAt = at;
    for (const [key, { keepUntil }] of flights) if (keepUntil <= at) flights.delete(key);
  }

  return (key, task) => {
    const at = now();
    sweep(at);
    const known = flights.get(key);
    if (known && known.keepUntil > at) return known.result;
    const flight: Flight = { result: task(), keepUntil: Number.POSITIVE_INFINITY };
    flights.set(key, flight);
    flight.result.then(
      (result) => {
        flight.keepUntil = result ? Math.min(now() + keepMs, expiryOf(result.token) - beforeExpiryMs) : 0;
      },
      () => {
        flight.keepUntil = 0;
      },
    );
    return flight.result;
  };
}

/** The credential that came along; two different ones are none: one of them was tossed. */
export async function credentialOf(
  request: Request,
  pairs: readonly CookiePair[],
  { credential }: RefreshSettings,
): Promise<string | null> {
  if (typeof credential === 'function') return (await credential(request)) || null;
  const [only, ...others] = valuesOf(pairs, credential);
  return only !== undefined && others.length === 0 ? only : null;
}

/** Somebody else's credential must not turn one user into another. */
const isSameUser = (before: VerifiedToken | null, after: VerifiedToken): boolean => {
  const [old, next] = [before?.claims, after.claims];
  if (!old || !next) return true;
  return old.sub === next.sub && (old.sid === undefined || next.sid === undefined || old.sid === next.sid);
};

export type RefreshAsk = {
  readonly request: Request;
  readonly credential: string;
  readonly expired: VerifiedToken | null;
};

/** Runs refreshes and verifies what they bring. Never throws. */
export function refresher({ clock, logger }: ServerSettings, refresh: RefreshSettings, verify: SessionVerifier) {
  const singleFlight = refresh.singleFlight ?? processFlights(() => clock.now());

  return async ({ request, credential, expired }: RefreshAsk): Promise<Refreshed> => {
    const key = bytesToHex(sha256(utf8ToBytes(credential)));
    const nothing = { token: null, cookies: undefined, retryAfterMs: undefined };
    try {
      const result = await singleFlight(key, () =>
        withDeadline(answerDeadlineMs, (signal) =>
          refresh.run({ credential, expiredToken: expired?.token ?? null, signal, request }),
        ),
      );
      if (result === null) return { ...nothing, outcome: { is: 'refused' } };
      const token = await verify(result.token, clock.now());
      if (token.verdict.is !== 'valid') {
        const reason = 'reason' in token.verdict ? token.verdict.reason : token.verdict.is;
        logger.error?.('A refresh brought a token that does not verify.', { reason });
      }
      if (!isSameUser(expired, token)) return { ...nothing, outcome: { is: 'mismatch' } };
      const outcome: RefreshOutcome = { is: 'refreshed', session: token.verdict };
      return { outcome, token, cookies: result.cookies, retryAfterMs: undefined };
    } catch (error) {
      const circumstances = { policy: defaultPolicy, offline: false, timedOut: false, rotating: false };
      const failure = classifyFailure(error, circumstances);
      logger.warn?.('A refresh failed.', { class: failure.class, cause: redactCause(error) });
      const isRefused = failure.class === 'unauthenticated' || failure.class === 'rejected';
      return { ...nothing, outcome: { is: isRefused ? 'refused' : 'trouble' }, retryAfterMs: failure.retryAfterMs };
    }
  };
}
