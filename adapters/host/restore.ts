/** Start-up: whose session is it, and is there a token left? (T1 to T4) */

import { mismatch } from '../../machines/acceptance';
import { CookieError } from '../../machines/errors';
import type { Restored, Session } from '../../machines/events';
import { freshnessOrder, lifetimeMs, type TokenFacts } from '../../machines/held-token';
import { keyOf } from '../../machines/key';
import type { SharedRecord, TokenKey } from '../../machines/ports';
import { storedFacts } from './facts';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import type { Vault } from './vault';

/** A stored token may be this much ahead of our clock (R7.18). */
const futureMs = 5_000;

export type Restorer = {
  restore(session: Session | null, given: TokenFacts | null): Promise<Restored>;
  /** What the cache has for one key. */
  recall(key: TokenKey): Promise<TokenFacts | null>;
};

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly report: Report;
  readonly record: RecordKeeper;
  readonly vault: Vault;
};

export function createRestorer({ settings, names, observer, report, record, vault }: Deps): Restorer {
  const { cache, cookie } = settings;

  /** Whatever is stored was written by anybody: read carefully, and left out where it does not hold. */
  function read(token: string | undefined, from: 'cache' | 'cookie', offsetMs = 0): TokenFacts | null {
    if (token === undefined) return null;
    const now = observer.now().wallMs;
    try {
      const facts = storedFacts(token, from, vault, now);
      const latest = now + offsetMs + futureMs;
      const fromTheFuture = facts.issuedAt > latest || (facts.originIssuedAt ?? 0) > latest;
      return fromTheFuture || lifetimeMs(facts) === 0 ? null : facts;
    } catch (error) {
      report.failed(from, 'read', error);
      return null;
    }
  }

  const cached = (name: string) => report.settle('cache', 'get', () => cache.get(name));

  async function restore(session: Session | null, given: TokenFacts | null): Promise<Restored> {
    const [kept, cookies, pointed, keyed] = await Promise.all([
      record.read(),
      cookie ? report.settle('cookie', 'read', () => cookie.read()) : { ok: true as const, value: [] },
      cached(names.activeToken),
      session ? cached(names.token(keyOf(session))) : { ok: true as const, value: undefined },
    ]);
    const known = kept.ok ? kept.value : undefined;
    const offsetMs = known?.clockOffsetMs ?? 0;
    const fromCookies = cookies.ok ? cookies.value.map(({ value }) => read(value, 'cookie', offsetMs)) : [];
    const fromCache = [pointed, keyed].map((found) => read(found.ok ? found.value : undefined, 'cache', offsetMs));
    const candidates = [given, ...fromCookies, ...fromCache]
      .filter((one): one is TokenFacts => one !== null)
      .filter((one) => session !== null || isAfterTombstone(one, known))
      .filter((one) => session === null || mismatch(keyOf(session), one) === null);

    const complete = kept.ok && cookies.ok && pointed.ok && keyed.ok;
    const remembered = known ? record.remembered(known) : null;
    const owner = session ?? ownerOf(candidates);
    const tokens = candidates.filter((one) => owner && (one.sessionId ?? owner.id) === owner.id);
    const token = tokens.reduce<TokenFacts | null>(
      (best, one) => (best && freshnessOrder(best, one) >= 0 ? best : one),
      null,
    );
    for (const one of [...fromCookies, ...fromCache]) if (one && one !== token) vault.drop(one.generation);
    return { session: owner, token, complete, remembered };
  }

  /** Without a session to hold them against, tokens of two sessions cancel each other out: nobody guesses (§10). */
  function ownerOf(candidates: readonly TokenFacts[]): Session | null {
    const named = candidates.filter(({ sessionId }) => sessionId !== undefined);
    const first = named[0];
    if (!first?.sessionId) return null;
    if (named.some(({ sessionId }) => sessionId !== first.sessionId)) {
      report.failed(
        'cookie',
        'read',
        new CookieError('duplicate', 'Stored tokens belong to different sessions; none is taken.'),
      );
      return null;
    }
    const freshest = named.reduce((best, one) => (freshnessOrder(one, best) > 0 ? one : best), first);
    const { sessionId, organizationId } = freshest;
    return { id: sessionId ?? first.sessionId, ...(organizationId !== undefined && { organizationId }) };
  }

  return {
    restore,
    recall: async (key) => {
      const found = await cached(names.token(key));
      const facts = read(found.ok ? found.value : undefined, 'cache');
      return facts && mismatch(key, facts) === null ? facts : null;
    },
  };
}

/** Who signed out stays signed out: a token from before it does not bring the session back (I04). */
function isAfterTombstone({ issuedAt }: TokenFacts, record: SharedRecord | undefined): boolean {
  return !record?.tombstone || issuedAt > record.tombstone.at + (record.clockOffsetMs ?? 0);
}
