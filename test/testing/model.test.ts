/** The model that users drive their apps along. */
import { describe, expect, it } from 'vitest';
import { createLifecycleModel, type EventExecutors } from '../../adapters/testing/model/create';
import { modelEvents, modelMachine, modelStates } from '../../adapters/testing/model/machine';
import { ConfigurationError } from '../../machines/errors';

const allEvents = (happened: string[]): EventExecutors =>
  Object.fromEntries(modelEvents.map((type) => [type, () => void happened.push(type)]));
const anyState = { '*': () => {} };

describe('createLifecycleModel: paths', () => {
  it('issue 3 every transition of the model is on some path', () => {
    const taken = new Set(
      createLifecycleModel()
        .getPaths()
        .flatMap(({ states, events }) => events.map(({ type }, place) => `${states[place]} ${type}`)),
    );
    const declared = Object.entries(modelMachine.config.states ?? {}).flatMap(([name, { on = {} }]) =>
      Object.keys(on).map((type) => `${name} ${type}`),
    );
    expect([...taken].sort()).toEqual(declared.sort());
  });

  it('issue 3 fewer paths reach every state', () => {
    const paths = createLifecycleModel().getPaths({ cover: 'states' });
    expect(new Set(paths.flatMap(({ states }) => states))).toEqual(new Set(modelStates));
    expect(paths.map(({ description }) => description)).toEqual([
      'network.lost, time.passes → offline-expired',
      'network.lost, user.signs-out → signed-out',
      'origin.fails (503), time.passes → outage-expired',
      'origin.fails (503), user.signs-out → signed-out',
      'page.hidden → hidden',
      'session.revoked → signed-out',
    ]);
  });

  it('issue 3 no two paths have one description, and none is the beginning of another', () => {
    const all = createLifecycleModel()
      .getPaths()
      .map(({ description, events }) => [description, events.map(({ type }) => type).join()]);
    expect(new Set(all.map(([description]) => description)).size).toBe(all.length);
    for (const [, one] of all) expect(all.filter(([, other]) => other?.startsWith(`${one},`))).toEqual([]);
  });

  it('issue 3 an origin fails in each of the ways that are asked for', () => {
    const paths = createLifecycleModel({ statuses: [500, 429] }).getPaths();
    const cases = new Set(
      paths.flatMap(({ events }) => events).map((event) => ('status' in event ? event.status : '')),
    );
    expect(cases).toEqual(new Set(['', 500, 429]));
  });

  it('issue 3 what cannot happen to an app is on no path', () => {
    const paths = createLifecycleModel({ without: ['page.hidden', 'network.lost'] }).getPaths();
    const states = new Set(paths.flatMap((path) => path.states));
    expect(states).toEqual(new Set(['fresh', 'outage', 'outage-expired', 'signed-out']));
  });

  it('issue 3 says what each state means', () => {
    expect(createLifecycleModel().states.hidden).toBe('signed in, in a page that nobody looks at');
  });
});

describe('createLifecycleModel: a path at work', () => {
  const pathOf = (description: string, options = {}) => {
    const path = createLifecycleModel(options)
      .getPaths()
      .find((one) => one.description === description);
    if (!path) throw new Error(`no such path: ${description}`);
    return path;
  };
  const lost = 'network.lost, time.passes, network.back → fresh';

  it('issue 3 makes each event happen, and looks at each state between', async () => {
    const happened: string[] = [];
    await pathOf(lost).test({
      events: allEvents(happened),
      states: { '*': (state) => void happened.push(`(${state})`) },
    });
    expect(happened).toEqual([
      '(fresh)',
      'network.lost',
      '(offline)',
      'time.passes',
      '(offline-expired)',
      'network.back',
      '(fresh)',
    ]);
  });

  it('issue 3 tells an executor the case', async () => {
    const statuses: number[] = [];
    const events = {
      ...allEvents([]),
      'origin.fails': ({ status }: { readonly status: number }) => void statuses.push(status),
    };
    await pathOf('origin.fails (418), origin.recovers → fresh', { statuses: [418] }).test({ events, states: anyState });
    expect(statuses).toEqual([418]);
  });

  it('issue 3 fails, before anything happens, where an event has no executor', async () => {
    const happened: string[] = [];
    const { 'network.back': _, ...events } = allEvents(happened);
    const run = pathOf(lost).test({ events, states: anyState });
    await expect(run).rejects.toThrow(ConfigurationError);
    await expect(run).rejects.toThrow(`has no executor for "network.back" (path: ${lost})`);
    expect(happened).toEqual([]);
  });

  it('issue 3 fails where nobody looks at a state', async () => {
    const run = pathOf(lost).test({ events: allEvents([]), states: { fresh: () => {}, offline: () => {} } });
    await expect(run).rejects.toThrow('has no check for "offline-expired", and none for "*"');
  });

  it('issue 3 fails with what an executor or a check threw', async () => {
    const states = {
      '*': (state: string) => {
        if (state === 'offline') throw new Error('still online');
      },
    };
    await expect(pathOf(lost).test({ events: allEvents([]), states })).rejects.toThrow('still online');
    const events: EventExecutors = { ...allEvents([]), 'network.lost': () => Promise.reject(new Error('no switch')) };
    await expect(pathOf(lost).test({ events, states: anyState })).rejects.toThrow('no switch');
  });

  it('issue 3 cases of the model count unless a path brings its own', async () => {
    const happened: string[] = [];
    const options = { events: allEvents(happened), states: { '*': () => void happened.push('model') } };
    await pathOf('page.reloads → fresh', options).test({ states: { fresh: () => void happened.push('path') } });
    expect(happened).toEqual(['path', 'page.reloads', 'path']);
  });
});

describe('createLifecycleModel: bad input', () => {
  it.each([
    ['an unknown option', { event: {} }],
    ['an unknown event', { events: { 'network.gone': () => {} } }],
    ['an unknown state', { states: { happy: () => {} } }],
    ['an unknown event that cannot happen', { without: ['moon.rises'] }],
  ])('issue 3 refuses %s', (_, options) => {
    expect(() => createLifecycleModel(options as never)).toThrow(ConfigurationError);
  });
});
