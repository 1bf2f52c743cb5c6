/** What guards, actions and events are called. */
import type { EdgeKind } from './model';
import { isRecord, listOf, textOf } from './plain';

/** `isReady`, `not isReady`, `isReady and isFree`, `(inline)`; `undefined` for no guard. */
export function guardName(guard: unknown): string | undefined {
  if (guard === undefined || guard === null) return undefined;
  if (typeof guard === 'string') return guard;
  if (!isRecord(guard)) return '(inline)';
  const type = textOf(guard.type) ?? '(inline)';
  const parts = listOf(guard.guards).map((one) => guardName(one) ?? '(inline)');
  if (parts.length === 0) return type === 'guard' ? '(inline)' : type;
  return type === 'not' ? `not ${parts.join('')}` : parts.join(` ${type} `);
}

/** Built-in actions (`xstate.raise` of a timer, `xstate.cancel`) are how XState works, not what the author said. */
export const actionNames = (actions: unknown): readonly string[] =>
  listOf(actions)
    .map((action) => (typeof action === 'string' ? action : isRecord(action) ? textOf(action.type) : undefined))
    .filter((name) => name !== undefined)
    .filter((name) => !name.startsWith('xstate.'));

/** `after 1.5 s` for a number of milliseconds, else the delay's name. */
const afterLabel = (delay: string): string => {
  const ms = Number(delay);
  if (delay === '' || Number.isNaN(ms)) return `after ${delay}`;
  return ms < 1000 ? `after ${ms} ms` : `after ${ms / 1000} s`;
};

type Said = { readonly kind: EdgeKind; readonly label: string };

const implicit: readonly (readonly [string, EdgeKind, (rest: string) => string])[] = [
  ['xstate.done.actor.', 'done', (actor) => `${actor} done`],
  ['xstate.error.actor.', 'error', (actor) => `${actor} failed`],
  ['xstate.snapshot.', 'snapshot', (actor) => `${actor} changed`],
  ['xstate.done.state.', 'state-done', () => 'done'],
];

/**
 * How a reader would say an event.
 *
 * @param event the type, as XState has it
 * @param stateId of the source, which stands at the end of a timer's event
 * @param actorName what the actor with this id is called; one without an id of its own has its place for one, `0.door.open`
 */
export function sayEvent(event: string, stateId: string, actorName: (id: string) => string): Said {
  if (event === '') return { kind: 'always', label: 'always' };
  if (event === '*') return { kind: 'event', label: 'any event' };
  const after = 'xstate.after.';
  if (event.startsWith(after)) {
    return { kind: 'after', label: afterLabel(event.slice(after.length).replace(`.${stateId}`, '')) };
  }
  for (const [prefix, kind, say] of implicit) {
    if (event.startsWith(prefix)) return { kind, label: say(actorName(event.slice(prefix.length))) };
  }
  return { kind: 'event', label: event };
}
