/** A page with the real library in it, and an inspector as anybody would use it. */
import { createBrowserInspector } from '@statelyai/inspect';
import { createTokenLifecycle } from '../../../index';
import './prompt';

const base64url = (value: object): string =>
  btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function mintToken(sessionId: string, ttlSeconds: number): string {
  const iat = Math.floor(Date.now() / 1_000);
  return `${base64url({ alg: 'none' })}.${base64url({ sid: sessionId, iat, exp: iat + ttlSeconds })}.c2lnbmF0dXJl`;
}

const options = new URLSearchParams(location.search);
const iframe = document.querySelector('iframe');
const theme = options.get('theme');
const { inspect } = createBrowserInspector({
  iframe,
  url: theme === null ? '/viewer' : `/viewer?theme=${theme}`,
  // Its own way cuts objects with more than ten fields, and writes into them to do so; ours are frozen.
  serialize: (event) => JSON.parse(JSON.stringify(event)),
});

const tokens = createTokenLifecycle({
  session: { id: 'sess_1', organizationId: null },
  namespace: 'viewer',
  source: {
    mint: async ({ key }) => {
      await new Promise((done) => setTimeout(done, 120));
      return { token: mintToken(key.sessionId, Number(options.get('ttl') ?? 10)) };
    },
  },
  inspect,
});
tokens.start();

document.querySelector('#sign-out')?.addEventListener('click', () => void tokens.signOut());
document.querySelector('#sign-in')?.addEventListener('click', () => void tokens.signIn({ session: { id: 'sess_1' } }));
document.querySelector('#read')?.addEventListener('click', () => void tokens.getToken({ skipCache: true }));
