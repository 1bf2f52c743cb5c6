import { duration } from '../../model/format';
import { type Chapter, expectThat } from '../types';
import { beginning } from './beginning';

/** clerk/javascript#7317 */
export const staleWhileRevalidate: Chapter = {
  pull: 7317,
  title: 'A read waits for the next token',
  before: 'A token was replaced when somebody asked for it, and whoever asked at that moment waited for the network.',
  why: 'A timer starts the refresh before it is needed (T5, T6). While the request is out, each read gets the held token (R4.4).',
  steps: [
    beginning,
    {
      text: 'The origin takes 2.5 s to answer. While the refresh is under way, three readers ask.',
      run: async (stage) => {
        await stage.change({ fault: 'slow', slowMs: 2_500 });
        const { fingerprint } = await stage.until(({ substate }) => substate === 'minting');
        const readings = await Promise.all([stage.read(), stage.read(), stage.read()]);
        const slowest = Math.max(...readings.map(({ ms }) => ms));
        expectThat(
          readings.every(({ got }) => typeof got === 'string'),
          'a reader got no token',
        );
        expectThat(slowest < 1_000, `a reader waited for ${duration(slowest)}`);
        expectThat(stage.state().fingerprint === fingerprint, 'the token was replaced meanwhile');
        return `three answers within ${duration(slowest)}, the request still out`;
      },
    },
    {
      text: 'The answer arrives. Nobody waited for it.',
      run: async (stage) => {
        const { fingerprint } = await stage.until(({ state }) => state === 'fresh');
        const mints = await stage.untilMints(1);
        expectThat(mints.length === 1, `${mints.length} requests for one token`);
        return `token ${fingerprint}, one request, ${duration(mints[0]?.ms ?? 0)}`;
      },
    },
  ],
};
