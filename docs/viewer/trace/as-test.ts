/**
 * A recorded actor as a test: what the machine heard is sent to it once more, without anything else around it, and it has to
 * go through the same states. The text is for `vitest` and `token-lifecycle/testing`.
 */
import { isRecord, type SeenSnapshot } from '../protocol';
import { actorName } from './actor-name';
import { stateText } from './state-text';
import { textOfTest } from './test-text';
import type { Actor, ActorKey, StepEntry, Trace } from './types';

export type TestImports = {
  /** Where the machine comes from. Default: `token-lifecycle` for its own two, `./machine` for any other. */
  readonly machine?: string;
  /** Default `token-lifecycle/testing`. */
  readonly testing?: string;
};

export type Copied =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'impossible'; readonly reason: string };

type Context = Readonly<Record<string, unknown>>;

/** What a machine of ours was made with, told by what it remembers at first. */
const inputs: Readonly<Record<string, (context: Context) => Context>> = {
  token: ({ unexplored, held, outage, ...rest }) => ({
    ...pick(rest, [
      'key',
      'policy',
      'credential',
      'active',
      'sharing',
      'seen',
      'clock',
      'pause',
      'rejected',
      'answerLost',
    ]),
    ...(unexplored === true ? {} : { token: held }),
    outageMarked: isRecord(outage) && outage.marked === true,
  }),
  session: ({ nobody, session, given, ...rest }) => ({
    ...pick(rest, ['policy', 'credential', 'sharing', 'seen', 'signInEpoch']),
    ...(nobody === true ? { session: null } : session ? { session } : {}),
    ...(given ? { token: given } : {}),
  }),
};

const pick = (context: Context, names: readonly string[]): Context =>
  Object.fromEntries(names.flatMap((name) => (context[name] === undefined ? [] : [[name, context[name]]])));

const own: Readonly<Record<string, string>> = { token: 'tokenMachine', session: 'sessionMachine' };

function titleOf(actor: Actor, start: SeenSnapshot, steps: readonly StepEntry[]): string {
  const states = [stateText(start)];
  for (const step of steps)
    if (step.changed && states.at(-1) !== stateText(step.after)) states.push(stateText(step.after));
  const shown = states.length > 5 ? [...states.slice(0, 2), '…', ...states.slice(-2)] : states;
  return `${actorName(actor)} goes as recorded: ${shown.join(' → ')}`;
}

function stepsOf(trace: Trace, actor: Actor, until: number | null): readonly StepEntry[] | undefined {
  const { key, begins } = actor;
  if (begins === undefined) return undefined;
  const all = trace.entries.filter(
    (entry): entry is StepEntry =>
      entry.is === 'step' && entry.actor === key && entry.seq >= begins && (until === null || entry.seq <= until),
  );
  return all[0]?.seq === begins ? all : undefined;
}

/**
 * What was recorded of one actor, as the text of a test.
 *
 * @param actor whose machine is tested
 * @param until the `seq` of the last step to copy; `null`: all of them
 * @example asTest(trace, 'window-1/x:3', null)
 */
export function asTest(trace: Trace, key: ActorKey, until: number | null, imports: TestImports = {}): Copied {
  const actor = trace.actors[key];
  const model = actor?.definition === undefined ? undefined : trace.models[actor.definition];
  if (!actor || !model)
    return { is: 'impossible', reason: 'Only a state machine can be replayed; this actor is none.' };
  const [begin, ...steps] = stepsOf(trace, actor, until) ?? [];
  if (!begin) {
    return {
      is: 'impossible',
      reason: 'The beginning of this actor was not recorded. Reload the page with the viewer open.',
    };
  }
  if (steps.length === 0) return { is: 'impossible', reason: 'Nothing has happened to this actor yet.' };
  const name = own[model.id];
  const context = isRecord(begin.after.context) ? begin.after.context : {};
  return {
    is: 'text',
    text: textOfTest({
      machine: name ?? 'machine',
      machineFrom: imports.machine ?? (name ? 'token-lifecycle' : './machine'),
      testingFrom: imports.testing ?? 'token-lifecycle/testing',
      system: model.id,
      title: titleOf(actor, begin.after, steps),
      input: inputs[model.id]?.(context),
      begins: begin.after.value,
      steps,
    }),
  };
}
