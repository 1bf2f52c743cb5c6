/** What must hold in each tab, and between them. */
import { healthyAnswers } from '../lifecycle/answers';
import { lifecycleLaws } from '../lifecycle/laws';
import { type Invariant, isProgressLaw, type SafetyLaw } from '../system';
import { isMinting, isSignedOut, type TabsEffect, type TabsMove, type TabsState, tabIndices } from './state';

export type TabsLaw = Invariant<TabsState, TabsMove, TabsEffect>;

/** A law of one tab, for both. */
function inEach<Law extends (typeof lifecycleLaws)[number]>(law: Law): TabsLaw | null {
  if (isProgressLaw(law)) return null;
  const { id, says, inState, onStep } = law;
  const lifted: SafetyLaw<TabsState, TabsMove, TabsEffect> = {
    id,
    says,
    inState: ({ tabs }) => inState && firstOf(tabs.map((tab, index) => named(index, inState(tab)))),
    onStep: ({ before, move, after, effects }) =>
      onStep &&
      firstOf(
        tabIndices.map((tab) => {
          const [was, is] = [before.tabs[tab], after.tabs[tab]];
          if (was === is) return undefined;
          const own = effects.filter((one) => one.tab === tab).map(({ effect }) => effect);
          const { id: moveId, says: moveSays } = { id: move.inner, says: move.says };
          return named(
            tab,
            onStep({ before: was, move: { id: moveId, says: moveSays, does: () => {} }, after: is, effects: own }),
          );
        }),
      ),
  };
  return lifted;
}

const firstOf = (complaints: readonly (string | undefined)[]): string | undefined =>
  complaints.find((complaint) => complaint !== undefined);
const named = (tab: number, complaint: string | undefined): string | undefined =>
  complaint === undefined ? undefined : `Tab ${tab + 1}: ${complaint}`;

const oneMint: TabsLaw = {
  id: 'R10.4',
  says: 'While the lock works, one tab mints at a time.',
  inState: ({ tabs, lockFailed }) => (!lockFailed && tabs.every(isMinting) ? 'Both tabs mint.' : undefined),
};

const held = ({ tabs }: TabsState) => tabs.map(({ snapshot }) => snapshot.context.held?.fingerprint);

/** All is well: what is on its way arrives, requests are answered, then time passes. */
function isHealthy(state: TabsState, { id }: TabsMove): boolean {
  if (state.messages.length > 0) return id === 'message 1: arrives';
  const inTab = /^tab ([12]): (.*)$/.exec(id);
  const jobs = state.tabs.map((tab) => tab.jobs.length);
  const busy = jobs.findIndex((count) => count > 0);
  if (busy >= 0) {
    // First whoever has the lock, then the others.
    const turn = state.lock ?? busy;
    if (inTab?.[1] !== String(turn + 1)) return false;
    return healthyAnswers.includes(inTab[2] ?? '') || /^turn: (granted|no lock)$/.test(inTab[2] ?? '');
  }
  if (state.tabs.some(({ world }) => !world.online)) return id === 'online';
  return id === 'wait';
}

const converge: TabsLaw = {
  id: 'L3',
  says: 'All tabs of a session come to the same token, or to the same sign-out.',
  from: () => true,
  to: (state) => {
    if (state.messages.length > 0) return false;
    if (state.tabs.every(isSignedOut)) return true;
    const [first, second] = held(state);
    return first !== undefined && first === second && state.tabs.every(({ snapshot }) => snapshot.matches('fresh'));
  },
  by: isHealthy,
};

/** Counted per machine, or shown per machine: not here. */
const elsewhere = new Set(['S9', 'status']);

export const tabsLaws: readonly TabsLaw[] = [
  ...lifecycleLaws.filter(({ id }) => !elsewhere.has(id)).flatMap((law) => inEach(law) ?? []),
  oneMint,
  converge,
];
