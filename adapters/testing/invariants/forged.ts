import type { TokenSeen, TraceEntry, WorldBegan } from '../trace';
import { followBelief, invariant, isEnd } from './read-trace';

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

/** As much as clocks may differ (R7.18). */
const toleranceMs = 5_000;

/** Which forged tokens are of a time that has not come, and which tabs believe that it has. */
function followFuture(began: WorldBegan) {
  const belief = followBelief(began);
  const future = new Set<string>();
  /** By tab and token: it was so when the message came. */
  const misled = new Set<string>();
  const believes = (tab: number | null, at: number, { fingerprint, issuedAt }: TokenSeen): boolean =>
    tab !== null && future.has(fingerprint) && (issuedAt ?? 0) <= belief.now(tab, at) + toleranceMs;
  return {
    see: (entry: TraceEntry): void => {
      belief.see(entry);
      if (entry.is !== 'message' || entry.value?.kind !== 'token') return;
      const { tab, at, did } = entry;
      const { token } = entry.value;
      if (did === 'forged' && (token.issuedAt ?? 0) > belief.serverAt(at) + toleranceMs) future.add(token.fingerprint);
      if (did === 'delivered' && believes(tab, at, token)) misled.add(`${tab} ${token.fingerprint}`);
    },
    canTell: (tab: number | null, at: number, token: TokenSeen): boolean =>
      !misled.has(`${tab} ${token.fingerprint}`) && !believes(tab, at, token),
  };
}

export const forgedTokensIgnored = invariant(
  {
    id: 'R7',
    title: 'A forged token reaches nobody',
    description:
      'A token that only a forged message carried is given to no reader, written to no cookie and put into no cache (lifecycle.md §7). ' +
      'For forgeries that can be told: a tab that has not minted a session token yet has nothing to hold one against, since tokens ' +
      'of templates may be of another issuer and subject; and a tab whose clock was set ahead since it learned the time cannot ' +
      'tell that one is from the future.',
  },
  (trace, began) => {
    const minters = followMinters();
    const future = followFuture(began);
    const forged = new Map<string, number>();
    for (const [place, entry] of trace.entries()) {
      minters.see(entry);
      future.see(entry);
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
      if (from === undefined || !future.canTell(entry.tab, entry.at, entry.value.token)) continue;
      const what = { settled: 'gave a reader', cookie: 'wrote into the cookie', cache: 'cached' }[entry.is];
      return {
        message: `Tab ${entry.tab} ${what} token ${fingerprint}, which a forged message had brought.`,
        entries: [from, place],
      };
    }
    return null;
  },
);
