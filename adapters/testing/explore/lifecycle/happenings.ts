/** What happens around a token machine: time, network, people, other keys. */
import type { TokenFacts } from '../../../../machines/held-token';
import { confirmAnswers, mintAnswers, recallAnswers } from './answers';
import { peerTokens, turnAnswers } from './peers';
import { force, nobody, read } from './readers';
import type { Scale } from './scale';
import {
  factsOf,
  isUnexpiredNow,
  look,
  nowOf,
  silence,
  type TokenChoice,
  type TokenHands,
  type TokenState,
} from './world';

/** Timers that go off at one instant before it is called a loop. */
const tooMany = 100;

/** Longer than anything lasts. */
const nightMs = ({ lifetimeMs }: Scale): number => 2 * lifetimeMs;

/** Time passes, and timers go off when they are due, each after a look at the clock. */
export function wait(hands: TokenHands, ms: number): void {
  const until = hands.state.at + ms;
  for (let fired = 0; fired < tooMany; fired += 1) {
    const { timers, at } = hands.state;
    const first = timers.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY);
    if (first > until) {
      hands.pass(until - at);
      return;
    }
    const timer = timers.find(({ due }) => due === first);
    hands.pass(Math.max(0, first - at));
    look(hands);
    if (timer && hands.state.timers.includes(timer)) hands.fire(timer);
  }
  throw new Error(`More than ${tooMany} timers went off within one step.`);
}

/** The computer is awake again: timers that fell due meanwhile go off at once, one after the other. */
function wakeLate(hands: TokenHands): void {
  const { timers, at, world } = hands.state;
  const late = timers.filter(({ due }) => due <= at + nightMs(world.scale));
  look(hands);
  // The look may have led out of the state that set them, or set them anew.
  for (const timer of late) if (hands.state.timers.includes(timer)) hands.fire(timer);
}

const time = ({ world: { scale } }: TokenState): readonly TokenChoice[] => [
  { id: 'wait', says: `${scale.stepMs / 1_000} s pass`, does: (hands) => wait(hands, scale.stepMs) },
  {
    id: 'stall',
    says: `${scale.stepMs / 1_000} s pass, and timers do not go off in time`,
    does: (hands) => {
      hands.pass(scale.stepMs);
      look(hands);
    },
  },
  {
    id: 'sleep',
    says: 'the computer sleeps for a night',
    does: (hands) => {
      hands.remember({ sleptMs: hands.state.world.sleptMs + nightMs(scale) });
      wakeLate(hands);
    },
  },
];

function network({ world: { online } }: TokenState): TokenChoice {
  const change = (hands: TokenHands): void => {
    hands.remember({ online: !online });
    look(hands);
  };
  return online
    ? { id: 'offline', says: 'the network goes away', does: change }
    : { id: 'online', says: 'the network is back', does: change };
}

function page({ world: { presence } }: TokenState): readonly TokenChoice[] {
  const show = (woke: boolean) => (hands: TokenHands) => {
    hands.remember(
      woke ? { presence: 'focused', hiddenSince: null } : { presence: 'hidden', hiddenSince: nowOf(hands.state) },
    );
    look(hands, woke);
  };
  if (presence === 'hidden') return [{ id: 'show', says: 'somebody looks at the page again', does: show(true) }];
  return [
    { id: 'hide', says: 'the page is hidden', does: show(false) },
    { id: 'wake', says: 'the page gets the focus', does: show(true) },
  ];
}

const readers: readonly TokenChoice[] = [
  { id: 'read', says: 'a reader asks for a token', does: read },
  { id: 'force', says: 'a reader forces a refresh', does: force },
];

const refuse: TokenChoice = {
  id: 'rejected',
  says: 'an API refuses the held token',
  does: (hands) => {
    look(hands);
    const fingerprint = hands.state.snapshot.context.held?.fingerprint ?? '';
    hands.send({ type: 'token.rejected', fingerprint });
  },
};

const siblings: readonly TokenChoice[] = [
  {
    id: 'floor',
    says: 'over another key the source asks to be left alone',
    does: (hands) => {
      look(hands);
      const { retryAfterMs } = hands.state.world.scale;
      hands.remember(silence(hands.state, retryAfterMs));
      const pause = { since: nowOf(hands.state), ms: retryAfterMs, kind: 'retry-after' } as const;
      hands.send({ type: 'floor.raised', pause });
    },
  },
  ...[true, false].map(
    (marked): TokenChoice => ({
      id: marked ? 'outage begins' : 'outage ends',
      says: marked ? 'another key finds the origin in an outage' : 'another key finds the outage over',
      does: (hands) => {
        look(hands);
        hands.send({ type: 'outage.noticed', marked });
      },
    }),
  ),
];

const signOut: TokenChoice = {
  id: 'sign out',
  says: 'the user signs out',
  does: (hands) => {
    look(hands);
    hands.send({ type: 'session.ended' });
  },
};

const signIn = (id: string, sentence: string, age: ((scale: Scale) => number) | null): TokenChoice => ({
  id,
  says: sentence,
  does: (hands) => {
    look(hands);
    const { tokens, scale } = hands.state.world;
    const token: TokenFacts | null = age === null ? null : factsOf(hands.state, age(scale), 'given');
    // A new session owes nothing to what the source asked of the old one.
    hands.remember({ tokens: tokens + 1, waiting: nobody, silentUntil: 0, failedStarts: [] });
    hands.send({ type: 'session.given', token });
  },
});

const signIns: readonly TokenChoice[] = [
  signIn('sign in', 'somebody signs in', null),
  signIn('sign in with a token', 'somebody signs in with a fresh token', () => 0),
  signIn('sign in with an old token', 'somebody signs in with an expired token', ({ lifetimeMs }) => lifetimeMs),
];

/**
 * What is asked of cache, session and lock is answered before time goes on: the host bounds each, and "in time" is all that a
 * token machine knows of them.
 */
const isAsking = ({ jobs }: TokenState): boolean => jobs.some(({ src }) => src !== 'mint');

/** Everything that may happen next. */
export function happenings(state: TokenState): readonly TokenChoice[] {
  const { snapshot, jobs } = state;
  const around = [...(isAsking(state) ? [] : time(state)), network(state), ...page(state)];
  if (snapshot.matches('signed-out')) return [...around, ...signIns, ...siblings];
  const { held, rejected } = snapshot.context;
  return [
    ...around,
    ...readers,
    ...(held && isUnexpiredNow(state) && !rejected.includes(held.fingerprint) ? [refuse] : []),
    ...siblings,
    ...(snapshot.context.sharing.peers ? peerTokens(state) : []),
    signOut,
    ...jobs.flatMap((job) => {
      if (job.src === 'mint') return mintAnswers(state, job);
      if (job.src === 'turn') return turnAnswers(state, job);
      return job.src === 'recall' ? recallAnswers(state, job) : confirmAnswers(job);
    }),
  ];
}
