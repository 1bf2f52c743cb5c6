import { leadMs } from '../../../machines/held-token';
import type { ReadSeen, TokenSeen, TraceEntry } from '../trace';
import { followBelief, invariant, isEnd, keyName, obtain, seconds } from './read-trace';

/** Two estimates of the server's clock, the tab's and this check's, may differ by the rounding of `iat` and `Date`. */
const roundingMs = 1_000;

type Held = { readonly token: TokenSeen; readonly expiresAt: number; readonly place: number };

/** What each tab has in hand for each key, as its readers know. */
function followHeld() {
  const held = new Map<number, Map<string, Held>>();
  return {
    of: (tab: number, key: string): Held | undefined => held.get(tab)?.get(key),
    take: (tab: number, key: string, next: Held): void => {
      obtain(held, tab, () => new Map()).set(key, next);
    },
    forget: (tab: number | null): void => {
      if (tab === null) held.clear();
      else held.delete(tab);
    },
    forgetToken: (fingerprint: string): void => {
      for (const keys of held.values())
        for (const [key, { token }] of keys) if (token.fingerprint === fingerprint) keys.delete(key);
    },
  };
}

/** What makes a tab let go of a token that has not expired: sign-out, an end, an API's word, a clock that was set. */
function letGo(entry: TraceEntry, held: ReturnType<typeof followHeld>): void {
  const { tab } = entry;
  if (entry.is === 'command' && entry.do === 'reject') held.forgetToken(entry.fingerprint);
  if (entry.is === 'command' && entry.do === 'skew') held.forget(null);
  if (tab === null) return;
  const left = entry.is === 'event' && (entry.type === 'session.signedOut' || entry.type === 'session.signedIn');
  const signing =
    entry.is === 'command' && (entry.do === 'sign-out' || entry.do === 'sign-in' || entry.do === 'switch');
  if (left || signing || isEnd(entry)) held.forget(tab);
}

/** A reader that left by its own wish (`foreign`: its signal's reason) was not refused. */
const leftByItself = new Set(['read_timeout', 'foreign', 'stopped']);

export const heldTokenStays = invariant(
  {
    id: 'S3',
    title: 'A valid token is never taken away',
    description:
      'Once a reader of a tab got a token, later reads of the same key in that tab get it, or another, until it expires: a refresh ' +
      'that fails or is forced neither removes nor hides it. A fresher one of another tab takes its place, however long it lives, and so does what is minted once it ' +
      'is stale. Signing in or out, a switch, `stop()` and an API that refused the ' +
      'token end that; a forced read may fail by itself. Tolerance: 1 s before the end, for the rounding of seconds; after a clock ' +
      'was set the tokens seen before are not counted.',
  },
  (trace, began) => {
    const belief = followBelief(began);
    const held = followHeld();
    const reads = new Map<number, ReadSeen & { readonly place: number }>();
    const leftMs = ({ expiresAt }: Held, tab: number, at: number): number =>
      expiresAt - Math.max(belief.serverAt(at), belief.now(tab, at));
    /** Then it is to be replaced, by whatever the server gives. */
    const isStale = ({ token: { issuedAt }, expiresAt }: Held, restMs: number): boolean =>
      restMs <= roundingMs + leadMs({ issuedAt: issuedAt ?? expiresAt, expiresAt }, began.policy);
    for (const [place, entry] of trace.entries()) {
      belief.see(entry);
      letGo(entry, held);
      const { tab, at } = entry;
      if (tab === null) continue;
      if (entry.is === 'read') reads.set(entry.id, { ...entry, place });
      // A fresher one from elsewhere takes its place, also where that ends earlier (T23), and so does a mint once it is stale.
      if (entry.is === 'event' && entry.type === 'token.updated') {
        const { key: of, expiresAt, from } = entry.event;
        const before = held.of(tab, keyName(of));
        const mayGo = from !== 'mint' || (before && isStale(before, leftMs(before, tab, at)));
        if (before && mayGo && expiresAt < before.expiresAt) held.take(tab, keyName(of), { ...before, expiresAt });
      }
      if (entry.is !== 'settled') continue;
      const read = reads.get(entry.id);
      reads.delete(entry.id);
      if (!read?.key) continue;
      const key = keyName(read.key);
      if (entry.outcome === 'token' && entry.value?.kind === 'token') {
        const { token } = entry.value;
        if (token.expiresAt !== null) held.take(tab, key, { token, expiresAt: token.expiresAt, place });
        continue;
      }
      const before = held.of(tab, key);
      // One that came while the read waited, from a read that forced it, is no matter of this one.
      if (!before || before.place > read.place || read.kind === 'forced' || leftByItself.has(entry.code ?? ''))
        continue;
      const moreMs = leftMs(before, tab, at);
      if (moreMs <= roundingMs) continue;
      const got = entry.outcome === 'null' ? 'null' : `the error ${entry.code}`;
      return {
        message:
          `A read in tab ${tab} got ${got}, though the tab had token ${before.token.fingerprint} in hand, ` +
          `which was good for ${seconds(moreMs)} more.`,
        entries: [before.place, read.place, place],
      };
    }
    return null;
  },
);
