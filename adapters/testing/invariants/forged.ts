import { invariant } from './read-trace';

export const forgedTokensIgnored = invariant(
  {
    id: 'R7',
    title: 'A forged token reaches nobody',
    description:
      'A token that only a forged message carried is given to no reader, written to no cookie and put into no cache (lifecycle.md §7). ' +
      'For forgeries that can be told: a message that differs in nothing from a real one is one.',
  },
  (trace) => {
    const forged = new Map<string, number>();
    for (const [place, entry] of trace.entries()) {
      if (entry.is === 'served' && entry.token) forged.delete(entry.token.fingerprint);
      if (entry.is === 'message' && entry.did === 'forged' && entry.value?.kind === 'token')
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
