/** The vocabulary of the handshake chart: types, guards and actions, by name. */
import { assign, setup } from 'xstate';
import { type HandshakeContext, sessionOf } from './context';
import type { ExchangeOutcome, HandshakeEvent, HandshakeFacts, RefreshOutcome, TokenVerdict } from './facts';
import { canBeForged, isBeforeMarker, isNavigation, maxHandshakes, refreshHindrance, timeReason } from './laws';
import type { DecisionReason, SignedOutReason } from './reasons';

/** Every verdict but "valid" has something to say for itself. */
const faultOf = (verdict: TokenVerdict | null, facts: HandshakeFacts): SignedOutReason =>
  verdict?.is === 'bad' || verdict?.is === 'unreadable'
    ? verdict.reason
    : (timeReason(verdict, facts) as SignedOutReason);

const is = (context: HandshakeContext, ...kinds: readonly TokenVerdict['is'][]): boolean => {
  const verdict = sessionOf(context);
  return verdict !== null && kinds.includes(verdict.is);
};

type Exchanged = { readonly outcome: ExchangeOutcome };
type Refreshed = { readonly outcome: RefreshOutcome };

/** A new session token came with the handshake, and it is of one of these kinds. */
const isBrought = (outcome: ExchangeOutcome, ...kinds: readonly TokenVerdict['is'][]): boolean =>
  outcome.is === 'verified' && outcome.session !== null && kinds.includes(outcome.session.is);

/** Neither a token nor a marker that says anything. */
const isNothingThere = (context: HandshakeContext): boolean =>
  sessionOf(context) === null && typeof context.facts.marker !== 'number';

const canRedirect = ({ handshake, request }: HandshakeFacts): boolean =>
  handshake !== undefined && isNavigation(request);
const isBackWithoutCookie = ({ handshake }: HandshakeFacts): boolean =>
  handshake?.back === true && !handshake.knownBrowser;
const isLooping = ({ handshake }: HandshakeFacts): boolean => (handshake?.recent ?? 0) >= maxHandshakes;

export const handshakeSetup = setup({
  types: {
    context: {} as HandshakeContext,
    input: {} as HandshakeFacts,
    events: {} as HandshakeEvent,
    tags: {} as 'decided' | 'asking',
    meta: {} as { readonly ids: readonly string[] },
  },
  guards: {
    isForgeable: ({ context: { facts } }) =>
      facts.bearer === null &&
      (facts.cookies.length > 0 || facts.refresh?.credential === true) &&
      canBeForged(facts.request),
    hasBearer: ({ context: { facts } }) => facts.bearer !== null,
    isBearerValid: ({ context: { facts } }) => facts.bearer?.is === 'valid',
    isBearerUnverifiable: ({ context: { facts } }) => facts.bearer?.is === 'unverifiable',
    isBackAndBound: ({ context: { facts } }) =>
      facts.handshake?.back === true && facts.handshake.bound && isNavigation(facts.request),

    hasSeveralCookies: ({ context: { facts } }) => facts.cookies.length > 1,
    isSeveralWithOneValid: ({ context: { facts } }) =>
      facts.cookies.length > 1 && facts.cookies.filter((one) => one.is === 'valid').length === 1,
    isSeveralUnverifiable: ({ context: { facts } }) =>
      facts.cookies.length > 1 && facts.cookies.some((one) => one.is === 'unverifiable'),

    isNothingThere: ({ context }) => isNothingThere(context),
    isNothingThereButRefresh: ({ context }) => isNothingThere(context) && refreshHindrance(context.facts) === undefined,
    isNothingThereAndBlocked: ({ context }) => isNothingThere(context) && isBackWithoutCookie(context.facts),
    isMarkerAlone: ({ context }) => sessionOf(context) === null && typeof context.facts.marker === 'number',
    isTokenAlone: ({ context }) => sessionOf(context) !== null && context.facts.marker === null,
    isUnreadable: ({ context }) => is(context, 'unreadable'),
    isOlderThanMarker: ({ context }) => {
      const session = sessionOf(context);
      const { marker } = context.facts;
      return session !== null && typeof marker === 'number' && isBeforeMarker(session, marker);
    },
    isValid: ({ context }) => is(context, 'valid'),
    isUnverifiable: ({ context }) => is(context, 'unverifiable'),
    isExpiredAndRefreshable: ({ context }) => is(context, 'expired') && refreshHindrance(context.facts) === undefined,
    isUntimely: ({ context }) => is(context, 'expired', 'early'),

    isNoNavigation: ({ context: { facts } }) => !canRedirect(facts),
    isBackWithoutCookie: ({ context: { facts } }) => isBackWithoutCookie(facts),
    isLooping: ({ context: { facts } }) => isLooping(facts),
    isHandshakePossible: ({ context: { facts } }) =>
      canRedirect(facts) && !isBackWithoutCookie(facts) && !isLooping(facts),

    isExchangeFailed: (_, { outcome }: Exchanged) => outcome.is === 'failed',
    isExchangeInvalid: (_, { outcome }: Exchanged) => outcome.is === 'invalid',
    isExchangeUnverifiable: (_, { outcome }: Exchanged) =>
      outcome.is === 'unverifiable' || isBrought(outcome, 'unverifiable'),
    isExchangeGood: (_, { outcome }: Exchanged) =>
      isBrought(outcome, 'valid') || (outcome.is === 'verified' && outcome.session === null),
    isExchangeUntimely: (_, { outcome }: Exchanged) => isBrought(outcome, 'expired', 'early'),

    isRefreshed: (_, { outcome }: Refreshed) => outcome.is === 'refreshed' && outcome.session.is === 'valid',
    isRefreshRefused: (_, { outcome }: Refreshed) => outcome.is === 'refused',
    isRefreshForeign: (_, { outcome }: Refreshed) => outcome.is === 'mismatch',
  },
  actions: {
    because: assign((_, { reason }: { reason: DecisionReason }) => ({ reason })),
    becauseOfBearer: assign(({ context: { facts } }) => ({ reason: faultOf(facts.bearer, facts) })),
    becauseOfSession: assign(({ context }) => ({ reason: faultOf(sessionOf(context), context.facts) })),
    becauseOfExchange: assign(({ context }, { outcome }: Exchanged) => ({
      reason: faultOf(outcome.is === 'verified' ? outcome.session : null, context.facts),
    })),
    vouch: assign((_, { via }: { via: 'bearer' | 'cookie' | 'refresh' }) => ({ via })),
    chooseFirst: assign(({ context: { facts } }) => ({ chosen: facts.cookies.length > 0 ? 0 : null })),
    chooseValid: assign(({ context: { facts } }) => ({ chosen: facts.cookies.findIndex((one) => one.is === 'valid') })),
  },
});
