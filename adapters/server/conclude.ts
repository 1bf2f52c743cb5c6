/** The machine's last word → the answer that the caller gets. */
import type { Decision } from '../../machines/handshake/decision';
import { redirect, signedIn, signedOut, unavailable } from './answers';
import type { Gathered } from './gather';
import { departureUrl } from './handshake-redirect';
import type { Arrival } from './handshake-return';
import { keysRestMs } from './keys';
import type { ServerSettings } from './options';
import type { Refreshed } from './refresh';
import { serverCookies, sessionCookie } from './response-cookies';
import { beginCookie, proofCookies, randomState, usedCookie } from './state-cookie';
import type { AuthenticationAnswer, SignedIn } from './types';
import type { VerifiedToken } from './verify';

/** When to ask again, where nobody has said. */
const retryMs = 3_000;

/** What was found out on the machine's behalf. */
export type Learned = { readonly arrival?: Arrival; readonly refreshed?: Refreshed };

export type FinalDecision = Exclude<Decision, { readonly is: 'exchanging' | 'refreshing' }>;

const at = (gathered: Gathered, cookie: number | null): VerifiedToken | null =>
  cookie === null ? null : (gathered.cookies[cookie] ?? null);

function voucher(via: SignedIn['via'], cookie: number | null, gathered: Gathered, learned: Learned) {
  if (via === 'bearer') return gathered.bearer;
  return via === 'cookie' ? at(gathered, cookie) : (learned.refreshed?.token ?? null);
}

/** The new token and what came with it; the proof that handshakes work, where some are still counted. */
function cookiesWhenSignedIn(
  session: { readonly token: string; readonly claims: { readonly exp: number } },
  via: SignedIn['via'],
  { refreshed }: Learned,
  { browser, facts }: Gathered,
  { cookie, clock, logger }: ServerSettings,
): string[] {
  const { canSetCookies, destination } = facts.request;
  if (via === 'bearer' || !canSetCookies) return [];
  const proofs = proofCookies(browser, destination === 'iframe');
  if (via === 'cookie') return proofs;
  // The refresh has taken its time: what counts is how long the token lives from now on.
  return [
    ...sessionCookie(cookie, session, clock.now(), logger),
    ...serverCookies(refreshed?.cookies, logger),
    ...proofs,
  ];
}

export async function conclude(
  decision: FinalDecision,
  gathered: Gathered,
  learned: Learned,
  settings: ServerSettings,
): Promise<AuthenticationAnswer> {
  const { address, nowMs, browser, facts } = gathered;
  const { handshake, logger } = settings;
  const url = address.clean;
  const framed = facts.request.destination === 'iframe';

  switch (decision.is) {
    case 'signed-in': {
      const { via, cookie } = decision;
      const { token, claims } = voucher(via, cookie, gathered, learned) ?? {};
      // No claims, no user, whatever else went wrong.
      if (token === undefined || !claims) return signedOut(url, 'token-malformed');
      const cookies = cookiesWhenSignedIn({ token, claims }, via, learned, gathered, settings);
      return signedIn(url, via, { token, claims }, cookies);
    }
    case 'handshake': {
      const { reason, cookie } = decision;
      if (!handshake) return signedOut(url, 'handshake-loop');
      const state = randomState();
      const departure = { handshake, address, reason, state, token: at(gathered, cookie), nowMs, logger };
      const location = await departureUrl(departure);
      return redirect(url, reason, location, [beginCookie(state, browser, nowMs, framed)]);
    }
    case 'returning': {
      const used = usedCookie(address.parameters.state ?? '', browser, framed);
      const cookies = [...(learned.arrival?.cookies ?? []), used];
      return redirect(url, 'handshake-completed', url, cookies);
    }
    case 'unavailable': {
      const asked = decision.reason === 'keys-unreachable' ? keysRestMs : learned.refreshed?.retryAfterMs;
      return unavailable(url, decision.reason, asked ?? retryMs);
    }
    case 'signed-out':
      return signedOut(url, decision.reason);
  }
}
