/** What a chart must not contain: things without a name, a purpose or an id, and ends that cannot be left. */
import type { AnyStateMachine } from 'xstate';
import { type Chart, readChart } from '../../../machines/chart';

type Config = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const entriesOf = (value: unknown): [string, unknown][] => Object.entries((value ?? {}) as Config);

/** A name, `{ type: name, params }`, or `and` / `or` / `not` over such. */
function isNamed(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (typeof value === 'object' && value !== null) return typeof (value as Config).type === 'string';
  const combined = (value as { guards?: readonly unknown[] } | undefined)?.guards;
  return combined?.every(isNamed) ?? false;
}

function transitionFaults(where: string, transition: unknown): string[] {
  if (typeof transition !== 'object' || transition === null) return [];
  const { guard, actions } = transition as Config;
  return [
    ...(guard === undefined || isNamed(guard) ? [] : [`${where}: a guard without a name`]),
    ...listOf(actions)
      .filter((action) => !isNamed(action))
      .map(() => `${where}: an action without a name`),
  ];
}

function configFaults(path: string, config: Config): string[] {
  const at = path === '' ? '(root)' : path;
  const many = (label: string, value: unknown): string[] =>
    listOf(value).flatMap((transition) => transitionFaults(`${at} ${label}`, transition));
  return [
    ...many('always', config.always),
    ...many('onDone', config.onDone),
    ...entriesOf(config.on).flatMap(([event, value]) => [
      ...(event.endsWith('*') ? [`${at}: a transition on '${event}'`] : []),
      ...many(event, value),
    ]),
    ...entriesOf(config.after).flatMap(([delay, value]) => [
      ...(Number.isNaN(Number(delay)) ? [] : [`${at} after ${delay}: a delay without a name`]),
      ...many(`after ${delay}`, value),
    ]),
    ...[...listOf(config.entry), ...listOf(config.exit)]
      .filter((action) => !isNamed(action))
      .map(() => `${at}: an entry or exit action without a name`),
    ...listOf(config.invoke).flatMap((invoke) => {
      const { id, src, onDone, onError, onSnapshot } = invoke as Config;
      return [
        ...(typeof src === 'string' ? [] : [`${at}: an actor without a name`]),
        ...(typeof id === 'string' ? [] : [`${at}: an actor without an id`]),
        ...many('onDone', onDone),
        ...many('onError', onError),
        ...many('onSnapshot', onSnapshot),
      ];
    }),
    ...entriesOf(config.states).flatMap(([key, state]) => [
      ...(path === '' && (state as Config).type === 'final' ? [`${key}: a final state at the top`] : []),
      ...configFaults(path === '' ? key : `${path}.${key}`, state as Config),
    ]),
  ];
}

/** Inline guards, actions, actors and delays, wildcards, and top-level final states, each in words. */
export const structureFaults = (machine: AnyStateMachine): string[] => configFaults('', machine.config as Config);

/** States and transitions that do not say what they are for, or which rule they serve. */
export function meaningFaults(machine: AnyStateMachine): string[] {
  const chart: Chart = readChart(machine);
  const faults = (what: string, { description, ids }: { description: string | undefined; ids: readonly string[] }) => [
    ...(description?.trim() ? [] : [`${what}: no description`]),
    ...(ids.length > 0 ? [] : [`${what}: no meta.ids`]),
  ];
  return [
    ...chart.states.flatMap((state) => faults(`${chart.id} ${state.path}`, state)),
    ...chart.transitions.flatMap((one) => faults(`${chart.id} ${one.from || '(root)'} on ${one.event}`, one)),
  ];
}
