/** Start-up: whose session is it, and is there a token left? (T1 to T4) */

import { mismatch } from '../../machines/acceptance';
import { CookieError } from '../../machines/errors';
import type { Restored, Session } from '../../machines/events';
import { freshnessOrder, type TokenFacts } from '../../machines/held-token';
import { keyOf } from '../../machines/key';
import type { SharedRecord, TokenKey } from '../../machines/ports';
import { isAdoptable, isSameIdentity, lifetimeIn } from './adoption';
import { cookieValues } from './cookie-keeper';
import { storedFacts } from './facts';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import { offsetIn, type RecordKeeper } from './record';
import type { Report } from './report';
import type { Vault } from './vault';

export type Restorer = {
  /** `starting`: the page has just come; otherwise it goes on after a stop. */
  restore(session: Session | null, given: TokenFacts | null, starting: boolean): Promise<Restored>;
  /** What the cache has for one key. */
  recall(
    key: TokenKey,
    known: { readonly offsetMs: number; readonly longestMs: number | null },
  ): Promise<TokenFacts | null>;
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
  function read(
    token: string | undefined,
    from: 'cache' | 'cookie',
    offsetMs: number,
    longestMs: number | null,
  ): TokenFacts | null {
    if (token === undefined || token === null) return null;
    const now = observer.now().wallMs;
    try {
      const facts = storedFacts(token, from, vault, now, record.known);
      if (isAdoptable(facts, { serverNowMs: now + offsetMs, longestMs })) return facts;
      vault.drop(facts.generation);
      return null;
    } catch (error) {
      report.failed(from, 'read', error);
      return null;
    }
  }

  const cached = (name: string) => report.settle('cache', 'get', () => cache.get(name));

  async function restore(session: Session | null, given: TokenFacts | null, starting: boolean): Promise<Restored> {
    const [kept, cookies, pointed, keyed] = await Promise.all([
      record.read(),
      cookie
        ? report.settle('cookie', 'read', async () => cookieValues(await cookie.read()))
        : { ok: true as const, value: [] },
      cached(names.activeToken),
      session ? cached(names.token(keyOf(session))) : { ok: true as const, value: undefined },
    ]);
    const known = kept.ok ? kept.value : undefined;
    const offsetMs = (known && offsetIn(known, observer.now().wallMs)) ?? 0;
    const longestMs = known ? lifetimeIn(known) : null;
    const usableGiven =
      given && isAdoptable(given, { serverNowMs: observer.now().wallMs + offsetMs, longestMs: null }) ? given : null;
    const fromCookies = cookies.ok ? cookies.value.map(({ value }) => read(value, 'cookie', offsetMs, longestMs)) : [];
    const fromCache = [pointed, keyed].map((found) =>
      read(found.ok ? found.value : undefined, 'cache', offsetMs, longestMs),
    );
    const candidates = [usableGiven, ...fromCookies, ...fromCache]
      .filter((one): one is TokenFacts => one !== null)
      .filter((one) => session !== null || isAfterTombstone(one, known))
      .filter((one) => session === null || mismatch(keyOf(session), one) === null)
      .filter((one) => agrees(one, usableGiven));

    const complete = kept.ok && cookies.ok && pointed.ok && keyed.ok;
    const owner = session ?? ownerOf(candidates);
    const remembered = known ? record.remembered(known, owner, starting) : null;
    const tokens = candidates.filter((one) => owner && (one.sessionId ?? owner.id) === owner.id);
    const token = tokens.reduce<TokenFacts | null>(
      (best, one) => (best && freshnessOrder(best, one) >= 0 ? best : one),
      null,
    );
    for (const one of [...fromCookies, ...fromCache]) if (one && one !== token) vault.drop(one.generation);
    return { session: owner, token, complete, remembered };
  }

  /** R7.17: what is stored has to speak of whom the page speaks of. */
  function agrees(one: TokenFacts, other: TokenFacts | null): boolean {
    if (other === null || one === other) return true;
    const [a, b] = [vault.get(one.generation), vault.get(other.generation)];
    return a !== undefined && b !== undefined && isSameIdentity(a, b);
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
    recall: async (key, { offsetMs, longestMs }) => {
      const found = await cached(names.token(key));
      const facts = read(found.ok ? found.value : undefined, 'cache', offsetMs, longestMs);
      return facts && mismatch(key, facts) === null ? facts : null;
    },
  };
}

/** Who signed out stays signed out: a token from before it does not bring the session back (I04). */
function isAfterTombstone({ issuedAt }: TokenFacts, record: SharedRecord | undefined): boolean {
  return !record?.tombstone || issuedAt > record.tombstone.at + (record.clockOffsetMs ?? 0);
}
