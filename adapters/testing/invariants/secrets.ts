import { invariant } from './read-trace';

/** How every JWT begins: `{"` in base64url. */
const looksLikeJwt = /eyJ[A-Za-z0-9_-]{10,}/;

export const noSecretsOutside = invariant(
  {
    id: 'S11',
    title: 'No raw token where others look',
    description:
      'No token that a server gave out, and no credential, stands in a log line, an emitted event, an error or its cause, in what is ' +
      'inspected, in the names of storage entries, or in a URL.',
  },
  (trace) => {
    for (const [place, entry] of trace.entries()) {
      if (entry.is === 'leak') {
        const message = `Tab ${entry.tab} let token ${entry.fingerprint} be seen in ${entry.where}.`;
        return { message, entries: [place] };
      }
      if (entry.is === 'request' && looksLikeJwt.test(entry.url))
        return { message: `Tab ${entry.tab} put a token into the URL of a ${entry.op}.`, entries: [place] };
      if (entry.is === 'cache' && looksLikeJwt.test(entry.key))
        return { message: `Tab ${entry.tab} named a cache entry after a token.`, entries: [place] };
    }
    return null;
  },
);
