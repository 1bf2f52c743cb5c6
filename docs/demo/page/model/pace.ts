/** How long each step is shown, in ms. A refresh on this machine takes five: too short to be seen. */
const dwellMs = 480;
/** With more than this waiting, the show catches up. */
const patience = 4;

export type Pace<T> = {
  /** Shows these, one after the other, after those that still wait. */
  push(steps: readonly T[]): void;
};

/** Shows steps one by one, slowly enough for an eye, and comes to rest at the last one. */
export function createPace<T>(
  show: (step: T) => void,
  timer: (run: () => void, ms: number) => unknown = setTimeout,
): Pace<T> {
  const waiting: T[] = [];
  let shown: T | undefined;
  let resting = true;

  const next = (): void => {
    const step = waiting.shift();
    resting = step === undefined;
    if (step === undefined) return;
    shown = step;
    show(step);
    timer(next, waiting.length > patience ? dwellMs / 4 : dwellMs);
  };

  return {
    push: (steps) => {
      for (const step of steps) if (step !== (waiting.at(-1) ?? shown)) waiting.push(step);
      if (resting) next();
    },
  };
}
