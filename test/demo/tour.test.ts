import { beforeEach, describe, expect, it } from 'vitest';
import { chapters } from '../../docs/demo/page/tour/chapters';
import { createTour, type Tour } from '../../docs/demo/page/tour/player';
import type { Chapter, TourStep } from '../../docs/demo/page/tour/types';

type Job = { readonly text: string; readonly signal: AbortSignal; done(seen: string): void; fail(error: Error): void };

let jobs: Job[];
let dwelt: number;
let tour: Tour;

const step = (text: string): TourStep => ({ text, run: () => Promise.reject(new Error('not used here')) });
const chapter = (pull: number, ...texts: string[]): Chapter => ({
  pull,
  title: '',
  before: '',
  why: '',
  steps: texts.map(step),
});
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};
const shown = () => tour.state.get().results.map((row) => row.map(({ is }) => is));
/** Ends the step that runs. */
const end = async (seen = 'as promised'): Promise<void> => {
  jobs.at(-1)?.done(seen);
  await settle();
};

beforeEach(() => {
  jobs = [];
  dwelt = 0;
  tour = createTour(
    [chapter(1, 'a', 'b'), chapter(2, 'c')],
    ({ text }, _, signal) => new Promise((resolve, reject) => jobs.push({ text, signal, done: resolve, fail: reject })),
    async () => {
      dwelt += 1;
    },
  );
});

describe('the tour', () => {
  it('demo tour: plays step after step, each with time to be read, to its end', async () => {
    tour.play();
    await settle();
    expect([jobs.map(({ text }) => text), shown()]).toEqual([['a'], [['running', 'waiting'], ['waiting']]]);
    await end('seen a');
    await end('seen b');
    await end('seen c');
    expect(jobs.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(dwelt).toBe(3);
    expect(tour.state.get()).toMatchObject({
      is: 'finished',
      results: [[{ seen: 'seen a' }, { seen: 'seen b' }], [{}]],
    });
  });

  it('demo tour: a pause lets the step end that runs, and no other begins', async () => {
    tour.play();
    await settle();
    tour.pause();
    expect(tour.state.get().is).toBe('pausing');
    await end();
    expect([tour.state.get().is, jobs.length]).toEqual(['paused', 1]);
    tour.play();
    await settle();
    expect(jobs.map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('demo tour: one step, at once', async () => {
    tour.step();
    await settle();
    await end();
    expect([tour.state.get().is, tour.state.get().at, dwelt]).toEqual(['paused', [0, 1], 0]);
  });

  it('demo tour: who plays again while a pause is awaited goes on, and nothing runs twice', async () => {
    tour.play();
    await settle();
    tour.pause();
    tour.play();
    await end();
    expect(jobs.map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('demo tour: a step that turns out otherwise ends it, says how, and its chapter can be tried again', async () => {
    tour.play();
    await settle();
    await end();
    jobs.at(-1)?.fail(new Error('the cookie is gone'));
    await settle();
    expect(tour.state.get()).toMatchObject({ is: 'failed', at: [0, 1] });
    expect(tour.state.get().results[0]?.[1]).toEqual({ is: 'failed', seen: 'the cookie is gone' });
    tour.play();
    await settle();
    expect(jobs.at(-1)?.text).toBe('a');
    expect(shown()).toEqual([['running', 'waiting'], ['waiting']]);
  });

  it('demo tour: another chapter gives up what runs, whatever comes of it', async () => {
    tour.play();
    await settle();
    tour.choose(1);
    expect([jobs[0]?.signal.aborted, tour.state.get().at, shown()]).toEqual([
      true,
      [1, 0],
      [['waiting', 'waiting'], ['waiting']],
    ]);
    await end('too late');
    expect(shown()).toEqual([['waiting', 'waiting'], ['waiting']]);
    expect(tour.state.get().is).toBe('ready');
  });
});

it('#7317 #7598 #7912 #6678 demo tour: has a chapter for each, with rules that say why', () => {
  expect(chapters.map(({ pull }) => pull).sort()).toEqual([6678, 7317, 7598, 7912]);
  for (const { why, steps } of chapters) {
    expect(why).toMatch(/\([TR]\d/);
    expect(steps.length).toBeGreaterThan(2);
  }
});
