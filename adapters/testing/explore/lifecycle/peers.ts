/** What a tab hears of the others: their tokens, and whose turn it is to mint. */
import type { SharedTries, TurnInput, TurnOutcome } from '../../../../machines/events';
import type { TokenFacts } from '../../../../machines/held-token';
import type { Job } from '../stepper';
import { answer } from './answers';
import { factsOf, look, nowOf, type TokenChoice, type TokenState } from './world';

const hears = (says: string, ageMs: number, change: Partial<TokenFacts> = {}): TokenChoice => ({
  id: `peer: ${says}`,
  says: `another tab sends ${says}`,
  does: (hands) => {
    look(hands);
    const token = { ...factsOf(hands.state, ageMs, 'peer'), ...change };
    hands.remember({ tokens: token.generation });
    hands.send({ type: 'peer.token', token, clock: null });
  },
});

/** Messages are unsigned: anything may come. */
export function peerTokens({ world: { scale } }: TokenState): readonly TokenChoice[] {
  return [
    hears('a fresh token', 0),
    hears('a token that is no longer fresh', 2 * scale.stepMs),
    hears('an expired token', scale.lifetimeMs),
    hears('a token of another session', 0, { sessionId: 'session 2' }),
  ];
}

const takesTurn = (job: Job, says: string, outcome: (state: TokenState) => TurnOutcome): TokenChoice => ({
  id: `turn: ${says}`,
  says,
  does: (hands) =>
    answer(hands, job, () => {
      const output = outcome(hands.state);
      if (output.is === 'adopted') hands.remember({ tokens: hands.state.world.tokens + 1 });
      hands.settle(job, { output });
    }),
});

const granted = (tries: SharedTries | null = null): TurnOutcome => ({
  is: 'granted',
  answerLost: false,
  tries,
  failedStarts: [],
});

/** The answer that is no help: nobody gets it for ever. */
export const noBetter = 'turn: what another tab has is no better any more';

function adoptions(held: TokenFacts | null, job: Job): readonly TokenChoice[] {
  const minted = takesTurn(job, 'another tab has minted meanwhile', (here) => ({
    is: 'adopted',
    token: factsOf(here, 0, 'peer'),
    clock: null,
  }));
  if (!held) return [minted];
  const same = { is: 'adopted', token: { ...held, from: 'peer' }, clock: null } as const;
  return [minted, takesTurn(job, noBetter.slice('turn: '.length), () => same)];
}

/** What a tab may be told that waits for its turn. */
export function turnAnswers({ snapshot, world: { scale } }: TokenState, job: Job): readonly TokenChoice[] {
  const { held } = snapshot.context;
  const failed = (says: string, kind: 'backoff' | 'decay') =>
    takesTurn(job, says, (here) =>
      granted({
        attempt: 1,
        failure: { class: kind === 'decay' ? 'rejected' : 'transient' },
        pause: { since: nowOf(here), ms: scale.policy.retryInitialMs, kind },
      }),
    );
  return [
    takesTurn(job, 'it is this tab\u2019s turn', () => granted()),
    // Who insists on a mint is not told of others (R10.4).
    ...((job.input as TurnInput).forced ? [] : adoptions(held, job)),
    failed('another tab failed a moment ago', 'backoff'),
    failed('the server refused another tab a moment ago', 'decay'),
    takesTurn(job, 'there is no turn to be had', () => ({ is: 'refused', failure: { class: 'transient' } })),
    {
      id: 'turn: breaks',
      says: 'the wait for a turn itself breaks',
      does: (hands) => answer(hands, job, () => hands.settle(job, { error: new Error('broken') })),
    },
  ];
}
