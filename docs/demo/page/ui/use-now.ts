import { useSyncExternalStore } from 'react';

const frameMs = 80;

/** As of the last frame: asked twice in between, the time has to be the same, or React takes it for a loop. */
let timeMs = Date.now();

const now = (): number => Math.floor(timeMs / frameMs) * frameMs;
const nowSeconds = (): number => Math.floor(timeMs / 1000) * 1000;

/** Asks again with each frame of a page that is seen, and not at all while it is not; React renders where the answer is new. */
function eachFrame(ask: () => void): () => void {
  timeMs = Date.now();
  let frame = requestAnimationFrame(function next() {
    timeMs = Date.now();
    ask();
    frame = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(frame);
}

/** The time, twelve times a second; epoch ms. For leaves: who calls it renders as often. */
export const useNow = (): number => useSyncExternalStore(eachFrame, now);

/** The time, once a second; epoch ms. */
export const useSeconds = (): number => useSyncExternalStore(eachFrame, nowSeconds);
