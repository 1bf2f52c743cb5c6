/** Which transitions were taken, by the ids that the viewer's chart gives them: `fresh:token.read:1`, `sorting:always:0`. */
import type { AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { cleanText } from './redact/text';

/** Where it stands among those of its state that hear the same event, in the order in which they are tried. */
function idOf(taken: AnyTransitionDefinition): string | undefined {
  const { source, eventType } = taken;
  // A machine that starts takes none.
  if (eventType === null) return undefined;
  const rivals = eventType === '' ? source.always : source.transitions.get(eventType);
  const path = source.path.map((name) => cleanText(name, 'chart')).join('.');
  const event = eventType === '' ? 'always' : cleanText(eventType, 'chart');
  return `${path}:${event}:${rivals?.indexOf(taken) ?? 0}`;
}

export type Followed = {
  /** A machine takes several steps before there is a snapshot of it. */
  see(event: InspectionEvent): void;
  /** What its machine took since its last snapshot; `undefined` for what is no machine. */
  take(event: Extract<InspectionEvent, { type: '@xstate.snapshot' }>): readonly string[] | undefined;
};

export function followTransitions(): Followed {
  const taken = new WeakMap<object, string[]>();
  return {
    see: (event) => {
      if (event.type !== '@xstate.microstep') return;
      const ids = event._transitions.flatMap((one) => idOf(one) ?? []);
      taken.set(event.actorRef, [...(taken.get(event.actorRef) ?? []), ...ids]);
    },
    take: ({ actorRef }) => {
      const ids = taken.get(actorRef);
      taken.delete(actorRef);
      return ids;
    },
  };
}
