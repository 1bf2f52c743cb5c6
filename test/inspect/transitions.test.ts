/** The inspector says which transitions were taken, by the ids of the viewer's chart: nothing has to be guessed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createActor, createMachine, setup } from 'xstate';
import { activeStates } from '../../docs/chart/active';
import { isWithin } from '../../docs/chart/model';
import { record } from '../../docs/viewer/trace/record';
import { emptyTrace, type StepEntry } from '../../docs/viewer/trace/types';
import { createEverywhere } from './support/everywhere';
import { playWorld } from './support/world';

type Everywhere = ReturnType<typeof createEverywhere>;

async function traceOf(run: (inspect: Everywhere['inspect']) => Promise<unknown> | unknown) {
  const everywhere = createEverywhere();
  await run(everywhere.inspect);
  const { websocket } = await everywhere.collect();
  everywhere.stop();
  return websocket.map((text) => ({ source: 'a', data: JSON.parse(text) })).reduce(record, emptyTrace);
}

const stepsOf = ({ entries }: typeof emptyTrace): StepEntry[] =>
  entries.filter((entry): entry is StepEntry => entry.is === 'step');

describe('which transitions were taken', () => {
  let trace: typeof emptyTrace;
  let steps: { readonly step: StepEntry; readonly model: (typeof emptyTrace)['models'][string] }[];

  beforeAll(async () => {
    trace = await traceOf(async (inspect) => {
      await playWorld({ seed: 4, credential: 'ambient' }, inspect);
    });
    steps = stepsOf(trace).flatMap((step) => {
      const model = trace.models[trace.actors[step.actor]?.definition ?? ''];
      return model && step.before ? [{ step, model }] : [];
    });
  }, 60_000);

  it('issue 5 through a long faulty run nothing is guessed', () => {
    expect(steps.length).toBeGreaterThan(300);
    expect(new Set(steps.map(({ model }) => model.id))).toEqual(new Set(['session', 'token']));
    expect(steps.filter(({ step }) => step.guessed)).toEqual([]);
    const known = Object.values(trace.models).flatMap((model) => model?.edges.map(({ id }) => id) ?? []);
    const told = trace.log.flatMap(({ data }) => (data as { transitions?: readonly string[] }).transitions ?? []);
    expect(told.length).toBeGreaterThan(300);
    expect(told.filter((id) => !known.includes(id))).toEqual([]);
  });

  it('issue 5 whatever changed, the transitions lead there from where it was', () => {
    const changed = steps.filter(({ step }) => step.changed && step.after.status === 'active');
    expect(changed.length).toBeGreaterThan(50);
    for (const { step, model } of changed) {
      const edges = step.taken.map((id) => model.edges.find((edge) => edge.id === id));
      const moves = edges.filter((edge) => edge !== undefined && edge.to.length > 0);
      const before = ['', ...activeStates(step.before?.value)];
      const after = activeStates(step.after.value);
      const [first, last] = [moves[0], moves.at(-1)];
      expect([step.event.type, before], `${step.taken}`).toEqual([
        step.event.type,
        expect.arrayContaining([first?.from]),
      ]);
      expect(last?.to.every((target) => after.some((state) => isWithin(state, target)))).toBe(true);
    }
  });

  it('issue 5 of two that lead to one state, the one whose guard held', async () => {
    const machine = setup({ guards: { never: () => false, ever: () => true } }).createMachine({
      id: 'door',
      initial: 'shut',
      states: {
        shut: {
          on: {
            push: [
              { guard: 'never', target: 'ajar' },
              { guard: 'ever', target: 'ajar' },
            ],
            knock: {},
          },
        },
        ajar: {
          always: [
            { guard: 'never', target: 'open' },
            { guard: 'ever', target: 'open' },
          ],
        },
        open: {},
      },
    });
    const steps = stepsOf(
      await traceOf((inspect) => {
        const actor = createActor(machine, { inspect }).start();
        actor.send({ type: 'knock' });
        actor.send({ type: 'push' });
        actor.stop();
      }),
    );
    const taken = steps.map(({ event, taken, guessed }) => [event.type, taken, guessed]);
    expect(taken).toContainEqual(['push', ['shut:push:1', 'ajar:always:1'], false]);
    expect(taken.filter(([type]) => type === 'knock')).toEqual([['knock', ['shut:knock:0'], false]]);
  });

  it('issue 5 a machine without states acts; for what it does not hear it takes nothing', async () => {
    const parent = createMachine({ id: 'empty', on: { poke: { actions: () => {} } } });
    const steps = stepsOf(
      await traceOf((inspect) => {
        const actor = createActor(parent, { inspect }).start();
        actor.send({ type: 'poke' });
        actor.send({ type: 'unheard' });
      }),
    );
    expect(steps.map(({ event, taken }) => [event.type, taken])).toEqual([
      ['xstate.init', []],
      ['poke', [':poke:0']],
      ['unheard', []],
    ]);
  });
});
