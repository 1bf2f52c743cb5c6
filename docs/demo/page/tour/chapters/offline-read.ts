import { OfflineError } from '../../../../../index';
import { duration } from '../../model/format';
import { type Chapter, expectThat } from '../types';
import { beginning } from './beginning';

/** clerk/javascript#7598 */
export const offlineReads: Chapter = {
  pull: 7598,
  title: 'No network looks like signed out',
  before:
    'Without a network getToken() gave null, as it does for who is signed out. Applications asked people to sign in again.',
  why: 'A read has three results: a token, null, or a typed error (R4.7). null is for who is signed out, and for nobody else.',
  steps: [
    beginning,
    {
      text: 'Cut the network, and read. The token is good: it does not matter where the network is.',
      run: async (stage) => {
        stage.connect(false);
        const { got, ms } = await stage.read();
        expectThat(typeof got === 'string', 'no token, though one was held');
        return `the held token, in ${duration(ms)}`;
      },
    },
    {
      text: 'Wait until it has expired, and read again.',
      run: async (stage) => {
        await stage.expired();
        const { got } = await stage.read();
        expectThat(got !== null, 'null: the application would ask to sign in');
        expectThat(OfflineError.is(got), 'something else than OfflineError');
        expectThat(stage.state().sessionId !== null, 'the session is gone');
        expectThat(stage.mints().length === 0, 'a request was sent without a network');
        return `OfflineError (${got.code}), still signed in, no request sent`;
      },
    },
    {
      text: 'Connect again.',
      run: async (stage) => {
        const before = performance.now();
        stage.connect(true);
        const { fingerprint } = await stage.until(({ state }) => state === 'fresh');
        const ms = performance.now() - before;
        return `token ${fingerprint}, ${duration(ms)} later`;
      },
    },
  ],
};
