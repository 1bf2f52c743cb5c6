import type { TourStep } from '../types';

/** How each chapter starts, whatever was before. */
export const beginning: TourStep = {
  text: 'Sign in anew. The token lives for ten seconds and turns stale after five.',
  run: async (stage) => {
    const { fingerprint } = await stage.begin();
    return `token ${fingerprint}, fresh`;
  },
};
