/** What a mint, a look into the cache and a question about the session may come to. */
import type { MintedToken } from '../../../../machines/acceptance';
import type { Confirmation, MintInput, MintOutcome } from '../../../../machines/events';
import type { Failure } from '../../../../machines/failure';
import type { TokenFacts } from '../../../../machines/held-token';
import { elapsedMs } from '../../../../machines/time';
import type { Job } from '../stepper';
import {
  factsOf,
  isUnexpiredNow,
  look,
  nowOf,
  serverNowOf,
  silence,
  type TokenChoice,
  type TokenHands,
  type TokenState,
} from './world';

/** The host looks at the clock before it passes an answer on. That may have been the end of the request: nobody listens then. */
export function answer(hands: TokenHands, job: Job, give: () => void): void {
  look(hands);
  if (hands.state.jobs.includes(job)) give();
  else hands.note('too late: nobody waits for that answer any more');
}

/** A minted token, `ageMs` old on arrival. */
function minted(state: TokenState, input: MintInput, ageMs: number, change: Partial<MintedToken> = {}): MintOutcome {
  const { from: _, ...facts } = factsOf(state, ageMs, 'mint');
  const token: MintedToken = {
    ...facts,
    expiresInMs: null,
    // With the date in the answer nobody is in doubt about the time.
    serverDate: state.world.serverAheadMs === 0 ? serverNowOf(state) : null,
    sentAt: input.startedAt,
    receivedAt: nowOf(state),
    ...change,
  };
  return { is: 'minted', token };
}

const brings = (
  job: Job,
  says: string,
  ageMs: number,
  change?: (state: TokenState) => Partial<MintedToken>,
): TokenChoice => ({
  id: `mint: brings ${says}`,
  says: `the mint brings ${says}`,
  does: (hands) =>
    answer(hands, job, () => {
      const output = minted(hands.state, job.input as MintInput, ageMs, change?.(hands.state));
      hands.remember({ tokens: hands.state.world.tokens + 1 });
      hands.settle(job, { output });
    }),
});

const fails = (job: Job, says: string, failure: Failure): TokenChoice => ({
  id: `mint: ${says}`,
  says: `the mint ${says}`,
  does: (hands) =>
    answer(hands, job, () => {
      if (failure.retryAfterMs) hands.remember(silence(hands.state, failure.retryAfterMs));
      hands.settle(job, { output: { is: 'failed', failure } });
    }),
});

/** The held token comes once more, or one that is older by a step. */
const again = ({ fingerprint, issuedAt, expiresAt, originIssuedAt }: TokenFacts): Partial<MintedToken> => ({
  fingerprint,
  issuedAt,
  expiresAt,
  originIssuedAt,
});
const older = ({ issuedAt, expiresAt }: TokenFacts, byMs: number): Partial<MintedToken> => ({
  issuedAt: issuedAt - byMs,
  expiresAt: expiresAt - byMs,
});

const refusals: readonly (readonly [says: string, failure: Failure])[] = [
  ['fails: 503', { class: 'transient', status: 503 }],
  ['brings an empty token', { class: 'invalid', reason: 'empty' }],
  ['fails: 403', { class: 'rejected', status: 403 }],
  ['fails: 401', { class: 'unauthenticated', status: 401 }],
  ['fails: 401, the session is unknown', { class: 'unauthenticated', status: 401, serverCode: 'session_not_found' }],
  ['fails: 422, the last token is wanted', { class: 'expired-token-required', status: 422 }],
];

/** Everything that a running mint may come to now. */
export function mintAnswers(state: TokenState, job: Job): readonly TokenChoice[] {
  const { held, credential } = state.snapshot.context;
  const { scale, online } = state.world;
  const { stepMs, lifetimeMs, retryAfterMs } = scale;
  const isPrompt = elapsedMs((job.input as MintInput).startedAt, nowOf(state)) === 0;
  const left = (ms: number): Failure => ({ class: 'rate-limited', status: 429, retryAfterMs: ms });
  return [
    brings(job, 'a fresh token', 0),
    ...(isPrompt
      ? [brings(job, 'an aged token', lifetimeMs - stepMs), brings(job, 'an expired token', lifetimeMs)]
      : [brings(job, 'a token that was made on the way', stepMs)]),
    ...(held ? [brings(job, 'the held token again', 0, () => again(held))] : []),
    ...(held && isUnexpiredNow(state)
      ? [brings(job, 'an older token than the held one', 0, () => older(held, stepMs))]
      : []),
    brings(job, 'a token of another session', 0, () => ({ sessionId: 'session 2' })),
    ...refusals.map(([says, failure]) => fails(job, says, failure)),
    fails(job, 'fails: 429, Retry-After', left(retryAfterMs)),
    fails(job, 'fails: 403, a short Retry-After', { ...left(stepMs), class: 'rejected', status: 403 }),
    ...(online ? [] : [fails(job, 'fails: no network', { class: 'offline' })]),
    ...(credential.kind === 'rotating' ? [fails(job, 'is lost on its way', { class: 'ambiguous' })] : []),
    {
      id: 'mint: breaks',
      says: 'the mint itself breaks',
      does: (hands) => answer(hands, job, () => hands.settle(job, { error: new Error('broken') })),
    },
  ];
}

const ends = (job: Job, says: string, end: (hands: TokenHands) => void): TokenChoice => ({
  id: `${job.id}: ${says}`,
  says,
  does: (hands) => answer(hands, job, () => end(hands)),
});

/** What the cache may hold. */
export function recallAnswers({ world: { scale } }: TokenState, job: Job): readonly TokenChoice[] {
  const { stepMs, lifetimeMs } = scale;
  const finds = (says: string, ageMs: number): TokenChoice =>
    ends(job, `the cache has ${says} token`, (hands) => {
      const output = factsOf(hands.state, ageMs, 'cache');
      hands.remember({ tokens: output.generation });
      hands.settle(job, { output });
    });
  return [
    ends(job, 'the cache is empty', ({ settle }) => settle(job, { output: null })),
    finds('a fresh', stepMs),
    finds('a stale', lifetimeMs - 2 * stepMs),
    finds('an expired', lifetimeMs),
    ends(job, 'the cache cannot be read', ({ settle }) => settle(job, { error: new Error('unreadable') })),
  ];
}

const verdicts: readonly (readonly [Confirmation, string])[] = [
  ['active', 'the source says that the session is there'],
  ['gone', 'the source says that the session is gone'],
  ['unknown', 'the source cannot say'],
  ['nobody', 'there is nobody to ask about the session'],
];

export const confirmAnswers = (job: Job): readonly TokenChoice[] => [
  ...verdicts.map(([output, says]) => ends(job, says, ({ settle }) => settle(job, { output }))),
  ends(job, 'the question about the session fails', ({ settle }) => settle(job, { error: new Error('failed') })),
];

/** The answers that a healthy origin gives. */
export const healthyAnswers: readonly string[] = [
  'mint: brings a fresh token',
  'recall: the cache is empty',
  'confirmSession: the source says that the session is there',
  'turn: it is this tab\u2019s turn',
];
