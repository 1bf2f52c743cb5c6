/** A token that another tab minted: in the cache, in the cookie, or with the peers (R10.4, R10.5). */
import { mismatch } from '../../machines/acceptance';
import { freshnessOrder, isUsable, type TokenFacts } from '../../machines/held-token';
import type { SharedKey } from '../../machines/ports';
import { momentOf, takesFromPeer } from '../../machines/token/laws';
import { isAdoptable, isSameIdentity } from './adoption';
import { cookieValues } from './cookie-keeper';
import { storedFacts } from './facts';
import type { Slot } from './keys';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import { pause } from './patience';
import type { Peers } from './peers';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import type { Vault } from './vault';

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly report: Report;
  readonly record: RecordKeeper;
  readonly vault: Vault;
  readonly peers: Peers;
  isActive(slot: Slot): boolean;
};

export type Elsewhere = {
  /** The token that another tab named, where it is stored. The record may be behind that word. */
  look(slot: Slot, fingerprint: string): Promise<TokenFacts | null>;
  /**
   * @param entry what the shared record says of the key; `unknown` where it could not be read
   * Waits for the peers for a while. What they send reaches the machine by itself, which then aborts `signal`.
   */
  find(slot: Slot, entry: SharedKey | undefined | 'unknown', signal: AbortSignal): Promise<TokenFacts | null>;
};

/** Whoever has the token answers by then, in ms. */
const answerWithinMs = 500;

export function createElsewhere({
  settings,
  names,
  observer,
  report,
  record,
  vault,
  peers,
  isActive,
}: Deps): Elsewhere {
  const { cache, cookie, clock } = settings;

  /** Whether the record names a token that is worth having instead of the one that is held. */
  function isNamed(slot: Slot, entry: SharedKey | undefined): boolean {
    const { context } = slot.actor.getSnapshot();
    const { held, rejected } = context;
    const { fingerprint, issuedAt, expiresAt, originIssuedAt = null } = entry ?? {};
    if (fingerprint === undefined || issuedAt === undefined || expiresAt === undefined) return false;
    if (fingerprint === held?.fingerprint || rejected.includes(fingerprint)) return false;
    if (!isUsable({ issuedAt, expiresAt }, momentOf(context))) return false;
    return !held || !isUsable(held, momentOf(context)) || freshnessOrder({ issuedAt, originIssuedAt }, held) > 0;
  }

  /** What is stored where other tabs write as well. Several cookies of the name: nobody guesses. */
  async function stored(slot: Slot): Promise<readonly { token: string; from: 'cache' | 'cookie' }[]> {
    const [cached, cookies] = await Promise.all([
      report.settle('cache', 'get', () => cache.get(names.token(slot.key))),
      cookie && isActive(slot)
        ? report.settle('cookie', 'read', async () => cookieValues(await cookie.read()))
        : { ok: true as const, value: [] },
    ]);
    const [only, ...others] = cookies.ok ? cookies.value : [];
    return [
      ...(cached.ok && cached.value !== undefined ? [{ token: cached.value, from: 'cache' as const }] : []),
      ...(only && others.length === 0 ? [{ token: only.value, from: 'cookie' as const }] : []),
    ];
  }

  async function findStored(slot: Slot, fingerprint: string | undefined): Promise<TokenFacts | null> {
    for (const { token, from } of await stored(slot)) {
      const { context } = slot.actor.getSnapshot();
      const now = observer.now();
      try {
        const facts = storedFacts(token, from, vault, now.wallMs, record.known);
        const isFine =
          (fingerprint === undefined || facts.fingerprint === fingerprint) &&
          mismatch(slot.key, facts) === null &&
          isAdoptable(facts, { serverNowMs: now.wallMs + context.clock.offsetMs, longestMs: null }) &&
          (slot.token === null || isSameIdentity(slot.token, token)) &&
          takesFromPeer(context, facts, null);
        if (isFine) return facts;
        vault.drop(facts.generation);
      } catch (error) {
        report.failed(from, 'read', error);
      }
    }
    return null;
  }

  return {
    look: findStored,
    find: async (slot, entry, signal) => {
      const isUnknown = entry === 'unknown';
      if (!isUnknown && !isNamed(slot, entry)) return null;
      // A tab that has just opened has looked there a moment ago.
      const found = isUnknown && !slot.held ? null : await findStored(slot, isUnknown ? undefined : entry?.fingerprint);
      if (found || signal.aborted) return found;
      // A store that cannot be read says nothing: a tab that has just opened asks all the same.
      if (!peers.canAsk || (isUnknown && slot.held)) return null;
      peers.tell({ is: 'ask', key: names.token(slot.key) });
      await pause(clock, answerWithinMs, signal);
      return null;
    },
  };
}
