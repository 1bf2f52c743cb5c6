import type { Demo } from '../model/demo';
import { chapters } from './chapters';
import { createTour, type Tour } from './player';
import { createTourStage, type TourStage, wait } from './stage';

/**
 * The tour on a demo. Each chapter has a stage of its own, so that what its steps count begins with it.
 *
 * @param dwellMs how long a step may be read before it runs
 */
export function createDemoTour(demo: Demo, dwellMs: number): Tour {
  let stage: { readonly of: AbortSignal; readonly chapter: number; readonly is: TourStage } | null = null;
  return createTour(
    chapters,
    (step, chapter, signal) => {
      if (stage?.of !== signal || stage.chapter !== chapter) {
        stage = { of: signal, chapter, is: createTourStage(demo, signal) };
      }
      return step.run(stage.is);
    },
    (signal) => wait(dwellMs, signal),
  );
}
