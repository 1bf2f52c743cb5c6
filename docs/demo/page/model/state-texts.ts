import type { LifecycleState } from '../../../../index';

type Name = LifecycleState['state'];

/** The seven states, in the order in which they are told. */
export const stateNames: readonly Name[] = [
  'restoring',
  'fresh',
  'stale',
  'refreshing',
  'offline-retrying',
  'outage-fallback',
  'signed-out',
];

/** What the machine does there, in a sentence or two of equal length, so that the page stays still. */
export const stateTexts: Readonly<Record<Name, string>> = {
  restoring: 'Looking into cache and cookie for a session. Not knowing yet is not the same as being signed out.',
  fresh: 'Holding a token with time to spare. Reads are answered at once; a timer runs to the stale point.',
  stale: 'The token still works but should be replaced. Reads get it at once, and a refresh is due.',
  refreshing: 'One request for a new token is under way. Reads go on with the held one while it lasts.',
  'offline-retrying': 'There is no network, so no request is sent. The session and its cookie stay as they are.',
  'outage-fallback': 'The origin is failing. The machine backs off, or presents the last token where it is asked for.',
  'signed-out': 'Nobody is signed in: no timer, no request, no cookie. Only an explicit sign-out or proof leads here.',
};
