import { useSyncExternalStore } from 'react';

const frameMs = 80;

const now = (): number => Math.floor(Date.now() / frameMs) * frameMs;
const nowSeconds = (): number => Math.floor(Date.now() / 1000) * 1000;

/** Asks again with each frame of a page that is seen, and not at all while it is not; React renders where the answer is new. */
function eachFrame(ask: () => void): () => void {
  let frame = requestAnimationFrame(function next() {
    ask();
    frame = requestAnimationFrame(next);
  });
  return () => cancelAnimationFrame(frame);
}

/** The time, twelve times a second; epoch ms. For leaves: who calls it renders as often. */
export const useNow = (): number => useSyncExternalStore(eachFrame, now);

/** The time, once a second; epoch ms. */
export const useSeconds = (): number => useSyncExternalStore(eachFrame, nowSeconds);
