import type { TraceEntry } from '../trace';
import { invariant, isEnd } from './read-trace';

/** Which tabs run, and which of them have a session token of their own. */
function followMinters() {
  const running = new Set<number>();
  const minted = new Set<number>();
  return {
    see: (entry: TraceEntry): void => {
      const { tab } = entry;
      if (tab === null) return;
      const begins =
        entry.is === 'command' && (entry.do === 'start' || entry.do === 'sign-in' || entry.do === 'switch');
      if (begins) running.add(tab);
      if (begins || isEnd(entry)) minted.delete(tab);
      if (isEnd(entry)) running.delete(tab);
      if (entry.is !== 'event' || entry.type !== 'token.updated') return;
      const { from, key } = entry.event;
      if (from === 'mint' && key.template === undefined) minted.add(tab);
    },
    /** Every tab that runs can tell what is right. */
    know: (): boolean => [...running].every((tab) => minted.has(tab)),
  };
}

export const forgedTokensIgnored = invariant(
  {
    id: 'R7',
    title: 'A forged token reaches nobody',
    description:
      'A token that only a forged message carried is given to no reader, written to no cookie and put into no cache (lifecycle.md §7). ' +
      'For forgeries that can be told: a tab that has not minted a session token yet has nothing to hold one against, since tokens ' +
      'of templates may be of another issuer and subject.',
  },
  (trace) => {
    const minters = followMinters();
    const forged = new Map<string, number>();
    for (const [place, entry] of trace.entries()) {
      minters.see(entry);
      if (entry.is === 'served' && entry.token) forged.delete(entry.token.fingerprint);
      if (entry.is === 'message' && entry.did === 'forged' && entry.value?.kind === 'token' && minters.know())
        forged.set(entry.value.token.fingerprint, place);
      const taken =
        (entry.is === 'settled' && entry.outcome === 'token') ||
        (entry.is === 'cookie' && entry.did === 'written') ||
        (entry.is === 'cache' && entry.did === 'set');
      if (!taken || entry.value?.kind !== 'token') continue;
      const { fingerprint } = entry.value.token;
      const from = forged.get(fingerprint);
      if (from === undefined) continue;
      const what = { settled: 'gave a reader', cookie: 'wrote into the cookie', cache: 'cached' }[entry.is];
      return {
        message: `Tab ${entry.tab} ${what} token ${fingerprint}, which a forged message had brought.`,
        entries: [from, place],
      };
    }
    return null;
  },
);
