import { type Chapter, expectThat } from '../types';
import { beginning } from './beginning';

/** clerk/javascript#6678 */
export const originOutage: Chapter = {
  pull: 6678,
  title: 'An outage ends the session',
  before:
    'An edge could mint from the last token while the origin was down, but nothing handed it in. Sessions ended with their tokens.',
  why: 'The edge says what it needs (422), and the held token goes with the next request, at once (T11). An origin that fails signs nobody out (R8.4).',
  steps: [
    beginning,
    {
      text: 'Take the origin away, and let the refresh come due.',
      run: async (stage) => {
        await stage.change({ fault: 'outage' });
        const [plain, presenting] = await stage.untilMints(2);
        expectThat(plain?.code === 'missing_expired_token', `the edge answered ${plain?.status}`);
        expectThat(presenting?.status === 200, `the second request got ${presenting?.status ?? 'no answer'}`);
        expectThat(presenting.presentedExpired === true, 'no token went along');
        return `${plain.status} ${plain.code}, then 200 with the last token`;
      },
    },
    {
      text: 'Ask who noticed.',
      run: async (stage) => {
        const { status, outage, fingerprint } = await stage.until(({ state }) => state === 'fresh');
        const { got } = await stage.read();
        expectThat(typeof got === 'string', 'a reader got no token');
        expectThat(outage && status === 'degraded', `status ${status}, outage ${outage}`);
        await stage.change({ fault: 'none' });
        return `readers have ${fingerprint}; status says ${status}`;
      },
    },
  ],
};
