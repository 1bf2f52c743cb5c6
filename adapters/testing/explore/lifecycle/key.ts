/**
 * When two states of a token machine are the same for all that may follow.
 *
 * Instants count by their distance from now, and a distance that no guard can tell from a longer one counts as that.
 * What is only shown or sent along (cause, generation, number of the mint, class of the last error) does not count.
 * Nothing that may make a difference is left out: test/testing checks that merged states go on alike.
 */
import type { TurnInput } from '../../../../machines/events';
import { cutoffMs, lifetimeMs, remainingMs } from '../../../../machines/held-token';
import { backoffMs, floorIn, pauseLeftMs, recentTries } from '../../../../machines/schedule';
import { serverNowMs } from '../../../../machines/server-time';
import { elapsedMs, type Instant } from '../../../../machines/time';
import type { TokenContext } from '../../../../machines/token/context';
import { momentOf } from '../../../../machines/token/laws';
import { closeTries } from '../../../../machines/token/retry';
import { pathOf } from '../machine-system';
import { elapsedOf, nowOf, silentMs, type TokenState } from './world';

/** What one exploration has reason to tell apart, and another has not. */
export type Detail = {
  /** Whether the server's time is proven: it decides over aged tokens only. */
  readonly proof?: boolean;
  /** `status`, which is only shown. */
  readonly status?: boolean;
  /** The tries that S9 counts, by the world's own count. */
  readonly tries?: boolean;
};

/** Nothing is compared with more steps than this: older is old, later is late. */
const farSteps = 20;

const upTo = (most: number, value: number): number => Math.min(most, value);

/** How many tries it takes until the backoff grows no more. */
function triesThatGrow({ policy }: TokenContext): number {
  let tries = 0;
  while (backoffMs(policy, tries) < policy.retryMaxMs) tries += 1;
  return tries;
}

function heldKey(context: TokenContext, now: Instant): string {
  const { held, rejected } = context;
  if (!held) return '-';
  const left = remainingMs(held, { ...momentOf(context), now });
  // Once expired it loses every comparison, whenever that was, and whether an API refused it or not.
  if (left <= 0) return 'over';
  const refused = rejected.includes(held.fingerprint) ? '!' : '';
  return [
    left,
    lifetimeMs(held),
    cutoffMs(held, context.policy),
    held.leadCapMs ?? '',
    held.originIssuedAt ?? '',
    refused,
  ].join('/');
}

/**
 * What is left of a pause. That one has just ended counts where somebody may ask how long ago (within 5 s, less than a step):
 * not while a request is out, whose outcome replaces it.
 */
function pauseKey({ pause, policy }: TokenContext, asksSince: boolean, now: Instant): string {
  if (!pause) return '-';
  const slowMs = pause.kind === 'decay' ? Math.max(pause.ms, policy.retryMaxMs) : pause.ms;
  const passedMs = elapsedMs(pause.since, now);
  if (passedMs >= slowMs) return asksSince && passedMs - slowMs <= 5_000 ? 'over' : '-';
  const kind = pause.kind === 'ambiguous' ? 'backoff' : pause.kind;
  return `${kind}:${pauseLeftMs(pause, now)}:${slowMs - passedMs}:${pauseLeftMs(floorIn(pause, now), now)}`;
}

/** The last start counts for the floor; while a request is out also for its time-out, and whether the computer slept. */
function startKey({ lastStart, policy }: TokenContext, isMinting: boolean, now: Instant, stepMs: number): string {
  if (!lastStart) return '-';
  const passedMs = elapsedMs(lastStart, now);
  if (!isMinting) return String(upTo(Math.max(policy.mintFloorMs, policy.retryMaxMs), passedMs));
  const sleptMs = now.wallMs - lastStart.wallMs - (now.monotonicMs - lastStart.monotonicMs);
  return `${upTo(policy.requestTimeoutMs + stepMs, passedMs)}${sleptMs > 0 ? '~' : ''}`;
}

/** What the clock learned; and where aged tokens come, whether they contradict what is proven, or agree with what was before (R9.7, R9.8). */
function clockKey({ clock }: TokenContext, now: Instant, stepMs: number, { proof: asked = false }: Detail): string {
  const { offsetMs, proof, overtaken } = clock;
  if (!asked) return String(offsetMs);
  const provenMs = proof ? proof.serverMs + now.monotonicMs - proof.at.monotonicMs : Number.NEGATIVE_INFINITY;
  const isProven = proof?.trusted && serverNowMs(clock, now) - provenMs <= stepMs;
  return `${offsetMs}${isProven ? 'proven' : ''}${overtaken ? 'overtaken' : ''}`;
}

/** A timer that only makes the machine look at the clock: once it is due, every look does the same. */
const isInert = (id: string): boolean =>
  id.includes('.untilOverdue.') || (id.includes('.untilExpired.') && id.endsWith('.waiting'));

/** The failed tries of the last minute, as the world counts them. */
export const tries = (state: TokenState): readonly number[] =>
  state.world.failedStarts.map((start) => elapsedOf(state) - start).filter((age) => age < 60_000);

/** @param detail what else is told apart */
export function tokenKey(state: TokenState, detail: Detail = {}): string {
  const { snapshot, timers, jobs, at, world } = state;
  const { context } = snapshot;
  const now = nowOf(state);
  const { stepMs } = world.scale;
  const grows = triesThatGrow(context);
  const isUnderWay = jobs.length > 0;
  const asksSince = snapshot.matches('stale') || snapshot.matches({ 'outage-fallback': 'backing-off' });
  const isMinting = jobs.some(({ src }) => src === 'mint');
  const isConfirming = isUnderWay && !isMinting;
  const since = world.hiddenSince ? upTo(context.policy.hiddenForMs, elapsedMs(world.hiddenSince, now)) : '';
  const armed = timers
    .filter(({ id, due }) => due > at || !isInert(id))
    .map(({ id, due }) => `${id.slice('xstate.after.'.length)}:${Math.max(0, upTo(farSteps * stepMs, due - at))}`);
  const forced = (after: number | null): string => (after === null ? '-' : after >= context.mints ? 'next' : 'this');
  return [
    pathOf(snapshot.value),
    heldKey(context, now),
    clockKey(context, now, stepMs, detail),
    pauseKey(context, asksSince, now),
    startKey(context, isMinting, now, stepMs),
    recentTries(context.failedStarts, now).map((start) => elapsedMs(start, now)),
    grows === 0 ? '' : upTo(closeTries + grows, context.failedTries),
    upTo(context.policy.retries + 1, context.failures),
    isConfirming ? (context.error?.serverCode ?? '') : '',
    context.askedAgain && !isConfirming ? 'again' : '',
    context.answerLost ? 'lost' : '',
    upTo(context.policy.offlineRetries, context.offlineChecks),
    context.outage.marked ? `outage${context.outage.refreshes % context.policy.outageProbeEvery}` : '',
    context.wanted ? 'wanted' : '',
    forced(context.forcedAfter),
    context.active ? '' : `inactive${context.readSinceMint}`,
    isMinting && context.presenting ? 'presents' : '',
    context.credential.kind === 'ambient' ? '' : `${context.credential.kind}${context.credential.reuseGraceMs}`,
    world.online ? '' : 'offline',
    world.presence,
    since,
    world.waiting.plain ? 'plain' : '',
    forced(world.waiting.forced),
    silentMs(state),
    armed.sort(),
    // Who asked for a turn and insisted is not told of others, also if somebody insists only now.
    jobs.map(({ id, src, input }) => (src === 'turn' && (input as TurnInput).forced ? `${id} forced` : id)),
    detail.status ? context.status : '',
    detail.tries ? tries(state) : '',
  ].join('|');
}
