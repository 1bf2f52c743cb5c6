import { type Chapter, expectThat } from '../types';
import { beginning } from './beginning';

/** clerk/javascript#7912 */
export const cookieWhileOffline: Chapter = {
  pull: 7912,
  title: 'Going offline deletes the cookie',
  before:
    'A refresh that failed without a network announced an empty token, and the cookie was removed: the next page was signed out.',
  why: 'The cookie is removed on entering signed-out and nowhere else (R8.17). Losing the network empties and announces nothing (T9).',
  steps: [
    beginning,
    {
      text: 'Cut the network, and let the refresh come due.',
      run: async (stage) => {
        const before = await stage.cookie();
        expectThat(before !== null, 'no cookie was written');
        stage.connect(false);
        const { status } = await stage.until(({ state }) => state === 'offline-retrying');
        const now = await stage.cookie();
        expectThat(now === before, `the cookie was ${before} and is ${now ?? 'gone'}`);
        return `${status}; the cookie is ${now}, as before`;
      },
    },
    {
      text: 'Connect again. The next token takes its place; it was never empty.',
      run: async (stage) => {
        const before = await stage.cookie();
        stage.connect(true);
        const { fingerprint } = await stage.until(({ state }) => state === 'fresh');
        const now = await stage.cookie();
        expectThat(now === fingerprint && now !== before, `the cookie is ${now ?? 'gone'}, the token ${fingerprint}`);
        return `the cookie went from ${before} to ${now}`;
      },
    },
  ],
};
