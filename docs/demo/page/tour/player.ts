import { createStore, type Store } from '../../store';
import type { Chapter, TourStep } from './types';

/** How it stands with one step, and what was seen, or seen instead. */
export type StepResult = {
  readonly is: 'waiting' | 'running' | 'passed' | 'failed';
  readonly seen: string;
};

export type TourState = {
  /** `pausing`: the step that runs is the last one for now. */
  readonly is: 'ready' | 'playing' | 'pausing' | 'paused' | 'finished' | 'failed';
  /** The next step, or the one that runs: chapter, and step in it. */
  readonly at: readonly [chapter: number, step: number];
  /** By chapter and step. */
  readonly results: readonly (readonly StepResult[])[];
};

export type Tour = {
  readonly state: Store<TourState>;
  /** From where it stands to the end; from the start once it is finished, from the start of the chapter after a failure. */
  play(): void;
  /** After the step that runs. */
  pause(): void;
  /** One step. */
  step(): void;
  /** Goes to the start of a chapter; what runs is given up. */
  choose(chapter: number): void;
};

const waiting: StepResult = { is: 'waiting', seen: '' };

const isOver = ({ is }: TourState): boolean => is === 'finished' || is === 'failed';

/**
 * Plays the steps of chapters one after the other.
 *
 * @param run does a step of a chapter; rejects where its outcome is not the one that the step promises
 * @param dwell how long a step is left to be read before it runs
 */
export function createTour(
  chapters: readonly Chapter[],
  run: (step: TourStep, chapter: number, signal: AbortSignal) => Promise<string>,
  dwell: (signal: AbortSignal) => Promise<void>,
): Tour {
  const blank = chapters.map(({ steps }) => steps.map(() => waiting));
  const state = createStore<TourState>({ is: 'ready', at: [0, 0], results: blank });
  let running = new AbortController();

  const set = (change: Partial<TourState>): void => state.set({ ...state.get(), ...change });
  const put = ([chapter, step]: TourState['at'], result: StepResult): void =>
    set({
      results: state
        .get()
        .results.map((row, at) => (at === chapter ? row.map((one, index) => (index === step ? result : one)) : row)),
    });

  /** Goes on to the next step. @returns whether there is one */
  function advance([chapter, step]: TourState['at']): boolean {
    const isLast = step + 1 >= (chapters[chapter]?.steps.length ?? 0);
    if (isLast && chapter + 1 >= chapters.length) return false;
    set({ at: isLast ? [chapter + 1, 0] : [chapter, step + 1] });
    return true;
  }

  async function go(signal: AbortSignal): Promise<void> {
    for (let goesOn = true; goesOn; ) {
      const { at } = state.get();
      const step = chapters[at[0]]?.steps[at[1]];
      if (!step) return;
      put(at, { is: 'running', seen: '' });
      try {
        if (state.get().is === 'playing') await dwell(signal);
        const seen = await run(step, at[0], signal);
        if (signal.aborted) return;
        put(at, { is: 'passed', seen });
      } catch (error) {
        if (signal.aborted) return;
        put(at, { is: 'failed', seen: error instanceof Error ? error.message : 'something else' });
        set({ is: 'failed' });
        return;
      }
      if (!advance(at)) return set({ is: 'finished' });
      goesOn = state.get().is === 'playing';
    }
    set({ is: 'paused' });
  }

  /** Gives up what runs. */
  function stop(): void {
    running.abort(new Error('The tour went elsewhere.'));
    running = new AbortController();
  }

  function choose(chapter: number): void {
    stop();
    const again = (row: readonly StepResult[], at: number): readonly StepResult[] =>
      row.map((one) => (at >= chapter || one.is === 'running' ? waiting : one));
    const results = state.get().results.map(again);
    set({ is: 'ready', at: [chapter, 0], results });
  }

  function start(as: 'playing' | 'pausing'): void {
    const now = state.get();
    const isUnderWay = now.is === 'playing' || now.is === 'pausing';
    if (isOver(now)) choose(now.is === 'finished' ? 0 : now.at[0]);
    set({ is: as });
    if (!isUnderWay) void go(running.signal);
  }

  return {
    state,
    play: () => start('playing'),
    step: () => start('pausing'),
    pause: () => {
      if (state.get().is === 'playing') set({ is: 'pausing' });
    },
    choose,
  };
}
