/** Two tabs of one browser as one system: two token machines, a lock, a record, messages, and one server. */

import { checkOneOf } from '../../../../machines/check';
import { lifecycleExploration, placeOf } from '../lifecycle/exploration';
import { factsOf, type TokenChoice, type TokenMachine, type TokenState } from '../lifecycle/world';
import { machineSystem } from '../machine-system';
import type { Replayable } from '../replay';
import type { System } from '../system';
import { type TabsLaw, tabsLaws } from './laws';
import { type TakeInTab, tabsMoves } from './moves';
import { type TabsEffect, type TabsMove, type TabsState, tabIndices } from './state';

export type TabsSystem = System<TabsState, TabsMove, TabsEffect>;

export type TabsExploration = Replayable<TabsState, TabsMove, TabsEffect> & {
  readonly system: TabsSystem;
  readonly invariants: readonly TabsLaw[];
};

/** What may happen to one of two tabs; the rest is the lock's, the channel's, or a scene of one tab. */
const scenes = {
  /** Only messages go wrong. */
  calm: /^(wait|mint: brings a fresh token|recall: the cache is empty)$/,
  all: /^(wait|offline|online|read|force|sign out|mint: brings a fresh token|mint: fails: 503|mint: fails: no network|recall: the cache is empty)$/,
} as const;

/**
 * Two tabs that share a lock, a record and a channel whose messages come late, twice or never. To be searched with
 * `exploreSystem`, which is exhaustive as far as its limit goes.
 *
 * A step of one tab is worked out once for each state that it is in, whatever the other one does meanwhile; and which of
 * two tabs is the first one makes no difference.
 *
 * @param machine `tokenMachine`, or a changed copy of it
 * @param options.scene `calm`: only messages go wrong; `all` (default): requests and network as well, and users do things
 * @example
 * const { system, invariants } = tabsExploration(tokenMachine);
 * exploreSystem(system, { invariants, limit: 20_000 }).violation // null
 */
export function tabsExploration(
  machine: TokenMachine,
  { scene = 'all' }: { readonly scene?: keyof typeof scenes } = {},
): TabsExploration {
  checkOneOf('tabsExploration.scene', scene, ['calm', 'all'] as const);
  const own = scenes[scene];
  const options = lifecycleExploration({ scene: 'peers' });
  const { events, key, starts = [], absorb } = options;
  const [start] = starts;
  if (typeof events !== 'function' || !key || !start || !absorb) throw new Error('The scene of one tab is incomplete.');
  const choices = (state: TokenState): readonly TokenChoice[] => events(state).filter(({ id }) => own.test(id));
  const named = tabIndices.map((tab) => ({
    ...start,
    world: { ...start.world, name: `${'AB'[tab]}` },
  }));
  const machines = named.map((one) => machineSystem(machine, { choices, absorb, starts: [one] }));
  const [first] = machines;
  if (!first) throw new Error('There is no tab.');

  const steps = new WeakMap<TokenState, Map<string, ReturnType<TakeInTab>>>();
  const take: TakeInTab = (state, move) => {
    // What a message or a turn brings is not in its id.
    if (!own.test(move.id)) return first.take(state, move);
    const known = steps.get(state) ?? new Map<string, ReturnType<TakeInTab>>();
    steps.set(state, known);
    const landing = known.get(move.id) ?? first.take(state, move);
    known.set(move.id, landing);
    return landing;
  };

  /** Tokens by the order in which they are met: what counts is which are the same. */
  function keyFrom({ tabs, lock, lockFailed, record, messages }: TabsState, order: readonly (0 | 1)[]): string {
    const names: string[] = [];
    const nameOf = (fingerprint: string | undefined): number => {
      if (fingerprint === undefined) return -1;
      if (!names.includes(fingerprint)) names.push(fingerprint);
      return names.indexOf(fingerprint);
    };
    const place = (tab: 0 | 1 | null): number => (tab === null ? -1 : order.indexOf(tab));
    const ages = tabs[0];
    const left = (expiresAt: number): number => Math.max(0, expiresAt - factsOf(ages, 0, 'peer').issuedAt);
    return [
      ...order.map(
        (tab) =>
          `${(key as (state: TokenState) => string)(tabs[tab])}#${nameOf(tabs[tab].snapshot.context.held?.fingerprint)}`,
      ),
      place(lock),
      lockFailed,
      record ? `${nameOf(record.fingerprint)}/${left(record.expiresAt)}` : '',
      ...messages.map(
        (one) =>
          `${place(one.to)}${one.doubled}${one.is}${one.is === 'token' ? `${nameOf(one.token.fingerprint)}/${left(one.token.expiresAt)}` : ''}`,
      ),
    ].join('§');
  }

  const system: TabsSystem = {
    name: 'two tabs',
    starts: [{ id: 'start', says: 'two tabs open', inner: 'start', does: (state) => ({ state, effects: [] }) }],
    enter: () => {
      const [a, b] = machines.map((one) => one.enter(one.starts[0] ?? { id: 'start', says: '', does: () => {} }).state);
      if (!a || !b) throw new Error('There are two tabs.');
      return { state: { tabs: [a, b], lock: null, lockFailed: false, record: null, messages: [] }, effects: [] };
    },
    moves: (state) => tabsMoves(state, choices, take),
    take: (state, move) => move.does(state),
    key: (state) => {
      const [least = ''] = [keyFrom(state, [0, 1]), keyFrom(state, [1, 0])].sort();
      return least;
    },
    describe: ({ tabs }) => tabs.map(({ snapshot }, tab) => `${tab + 1}: ${placeOf(snapshot.value)}`).join('; '),
    tell: ({ tab, effect }) => (effect.is === 'noted' ? `tab ${tab + 1}: ${effect.says}` : undefined),
  };
  return { system, invariants: tabsLaws };
}
