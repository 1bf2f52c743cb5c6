/** What may happen to two tabs: to one of them, to both at once, and to what they send each other. */
import type { TurnInput } from '../../../../machines/events';
import { look, type TokenChoice, type TokenState } from '../lifecycle/world';
import type { Job } from '../stepper';
import {
  isMinting,
  isSignedOut,
  type Message,
  otherOf,
  type TabIndex,
  type TabsLanding,
  type TabsMove,
  type TabsState,
  tabIndices,
  withTab,
} from './state';

/** Makes a move in one tab. */
export type TakeInTab = (
  state: TokenState,
  move: TokenChoice,
) => { readonly state: TokenState; readonly effects: readonly TabsLanding['effects'][number]['effect'][] };

/** More messages than this are never on their way at once: the oldest is lost. */
const mostMessages = 2;

/** What everybody learns of a tab's step: a lock that is free again, a token that was minted, a sign-out. */
function follow(before: TabsState, tab: TabIndex, landing: ReturnType<TakeInTab>): TabsLanding {
  const { state: after, effects } = landing;
  const minted = effects.some(
    (effect) => effect.is === 'emitted' && effect.event.type === 'mint.succeeded' && effect.event.held,
  );
  const { held } = after.snapshot.context;
  const left = isSignedOut(after) && !isSignedOut(before.tabs[tab]);
  const sent: Message[] = [];
  const to = otherOf(tab);
  if (minted && held) sent.push({ to, doubled: false, is: 'token', token: { ...held, from: 'peer' } });
  if (left) sent.push({ to, doubled: false, is: 'signed-out' });
  return {
    state: {
      ...before,
      tabs: withTab(before.tabs, tab, after),
      lock: before.lock === tab && !isMinting(after) ? null : before.lock,
      record: left ? null : minted && held ? held : before.record,
      messages: [...before.messages, ...sent].slice(-mostMessages),
    },
    effects: effects.map((effect) => ({ tab, effect })),
  };
}

/** One tab after the other, in the same instant. */
function inBoth(state: TabsState, make: (tab: TokenState, index: TabIndex) => ReturnType<TakeInTab>): TabsLanding {
  const effects: TabsLanding['effects'][number][] = [];
  let here = state;
  for (const tab of tabIndices) {
    const landing = follow(here, tab, make(here.tabs[tab], tab));
    here = landing.state;
    effects.push(...landing.effects);
  }
  return { state: here, effects };
}

const nameOf = (tab: TabIndex): string => `tab ${tab + 1}`;

function inTab(tab: TabIndex, move: TokenChoice, take: TakeInTab, change: (state: TabsState) => TabsState): TabsMove {
  return {
    id: `${nameOf(tab)}: ${move.id}`,
    says: `${nameOf(tab)}: ${move.says}`,
    inner: move.id,
    does: (state) => follow(change(state), tab, take(state.tabs[tab], move)),
  };
}

const settles = (job: Job, id: string, says: string, output: (state: TokenState) => unknown): TokenChoice => ({
  id,
  says,
  does: (hands) => {
    look(hands);
    if (hands.state.jobs.includes(job)) hands.settle(job, { output: output(hands.state) });
  },
});

const granted = { is: 'granted', answerLost: false, tries: null, failedStarts: [] } as const;

/** The lock, then what the record names: a token that another tab has minted, if it can be had. */
function turns(state: TabsState, tab: TabIndex, job: Job, take: TakeInTab): readonly TabsMove[] {
  const { record, lock } = state;
  const { held } = state.tabs[tab].snapshot.context;
  const isFree = lock === null;
  const isNews = record !== null && record.fingerprint !== held?.fingerprint && !(job.input as TurnInput).forced;
  const grant = (id: string, says: string, change: (now: TabsState) => TabsState): TabsMove =>
    inTab(
      tab,
      settles(job, `turn: ${id}`, says, () => granted),
      take,
      change,
    );
  if (!isFree) {
    return [grant('no lock', 'the lock is not to be had in time', (now) => ({ ...now, lockFailed: true }))];
  }
  if (!isNews) return [grant('granted', 'has the lock', (now) => ({ ...now, lock: tab }))];
  const adopted = { is: 'adopted', token: { ...record, from: 'peer' }, clock: null };
  return [
    inTab(
      tab,
      settles(job, 'turn: adopted', 'has the lock, and finds what the other one minted', () => adopted),
      take,
      (now) => now,
    ),
    grant('granted', 'has the lock, and nobody hands over what the other one minted', (now) => ({ ...now, lock: tab })),
  ];
}

function ownMoves(
  state: TabsState,
  tab: TabIndex,
  moves: readonly TokenChoice[],
  take: TakeInTab,
): readonly TabsMove[] {
  const { jobs } = state.tabs[tab];
  const turn = jobs.find(({ src }) => src === 'turn');
  return [...moves.map((move) => inTab(tab, move, take, (now) => now)), ...(turn ? turns(state, tab, turn, take) : [])];
}

function deliver(state: TabsState, place: number, take: TakeInTab, rest: readonly Message[]): TabsLanding {
  const message = state.messages[place];
  if (!message) return { state, effects: [] };
  const { to } = message;
  const hears: TokenChoice = {
    id: 'message',
    says: '',
    does: (hands) => {
      look(hands);
      if (message.is === 'signed-out') hands.send({ type: 'session.ended' });
      else hands.send({ type: 'peer.token', token: message.token, clock: null });
    },
  };
  const landing = follow({ ...state, messages: rest }, to, take(state.tabs[to], hears));
  // What was heard is not told again.
  return { ...landing, state: { ...landing.state, messages: rest } };
}

function messageMoves(state: TabsState, take: TakeInTab): readonly TabsMove[] {
  return state.messages.flatMap((message, place): TabsMove[] => {
    const what = message.is === 'token' ? 'a token' : 'that the user has signed out';
    const name = `message ${place + 1}`;
    const rest = state.messages.filter((_, other) => other !== place);
    const kept = state.messages.map((one, other) => (other === place ? { ...one, doubled: true } : one));
    const inner = message.is === 'token' ? 'peer' : 'sign out';
    return [
      {
        id: `${name}: arrives`,
        says: `${nameOf(message.to)} hears of ${what}`,
        inner,
        does: (now) => deliver(now, place, take, rest),
      },
      ...(message.doubled
        ? []
        : [
            {
              id: `${name}: arrives twice`,
              says: `${nameOf(message.to)} hears of ${what}, and will hear it again`,
              inner,
              does: (now: TabsState) => deliver(now, place, take, kept),
            },
          ]),
      // A sign-out is in the record as well; a token that gets lost is only lost time.
      ...(message.is === 'token'
        ? [
            {
              id: `${name}: is lost`,
              says: `what ${nameOf(message.to)} should hear is lost`,
              inner: 'lost',
              does: (now: TabsState) => ({ state: { ...now, messages: rest }, effects: [] }),
            },
          ]
        : []),
    ];
  });
}

/** Happens to both at once. */
const shared = /^(wait|offline|online)$/;

/** Everything that may happen next. @param movesOf what may happen to one tab by itself */
export function tabsMoves(
  state: TabsState,
  movesOf: (tab: TokenState) => readonly TokenChoice[],
  take: TakeInTab,
): readonly TabsMove[] {
  const each = state.tabs.map(movesOf);
  const [first = [], second = []] = each;
  const isQueueing = state.tabs.some(({ jobs }) => jobs.some(({ src }) => src === 'turn'));
  const together = first.flatMap((move): TabsMove[] => {
    const same = second.find(({ id }) => id === move.id);
    // A turn is taken, or given up, before time goes on.
    if (!same || !shared.test(move.id) || (move.id === 'wait' && isQueueing)) return [];
    const { id, says } = move;
    return [{ id, says, inner: id, does: (now) => inBoth(now, (tab, index) => take(tab, index === 0 ? move : same)) }];
  });
  return [
    ...together,
    ...tabIndices.flatMap((tab) =>
      ownMoves(
        state,
        tab,
        (each[tab] ?? []).filter(({ id }) => !shared.test(id)),
        take,
      ),
    ),
    ...messageMoves(state, take),
  ];
}
