import { ConfigurationError, CookieError } from '../../machines/errors';
import type { CookieValue, CookieWrite, SessionCookie } from '../../machines/ports';
import type { CookieAttributes, GivenAttributes } from './attributes';
import { attributesFor, companionOf, dependsOnSite, twinsOf, variants } from './choose';
import { type CookieStoreItem, type CookieStoreLike, findForeign } from './foreign';
import { decodeContext, draft, encodeContext, type SessionCookieOptions, same, settle } from './options';
import { type CookieWindow, isFramedByAnother, makeProbe, probeLifetime } from './page';

export type CookieStoreCookieOptions = SessionCookieOptions & {
  /** Default: the global one, looked up on use. */
  readonly cookieStore?: CookieStoreLike;
};

type Opened = { readonly store: CookieStoreLike; readonly used: CookieAttributes };

/** Whether the browser took it. What it does not like about a cookie is a TypeError; anything else is no verdict on it. */
async function took(done: Promise<void>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if ((error as { name?: unknown } | null)?.name === 'TypeError') return false;
    throw error;
  }
}

const sameSites = { Lax: 'lax', Strict: 'strict', None: 'none' } as const;

/** `expires` in epoch ms; left out, it lasts as long as the browser runs. */
function put(store: CookieStoreLike, cookie: CookieAttributes, value: string, expires?: number): Promise<boolean> {
  const { name, path, domain, partitioned, sameSite } = cookie;
  const place = { path, partitioned, ...(domain !== undefined && { domain }) };
  return took(
    store.set({ name, value, ...place, sameSite: sameSites[sameSite], ...(expires !== undefined && { expires }) }),
  );
}

/** Not by `delete()`: it asks for SameSite=Strict, which is refused in a frame of another site. */
const removeEach = (store: CookieStoreLike, cookies: readonly CookieAttributes[]): Promise<unknown> =>
  Promise.all(cookies.map((one) => put(store, one, '', 1)));

async function valuesOf({ store }: Opened, { name }: CookieAttributes): Promise<string[]> {
  return (await store.getAll(name)).map(({ value = '' }) => value);
}

function toValue({ value = '', domain, path, partitioned }: CookieStoreItem): CookieValue {
  return {
    value,
    ...(domain !== undefined && { domain }),
    ...(path !== undefined && { path }),
    ...(partitioned !== undefined && { partitioned }),
  };
}

/** A service worker is never in a frame, but the pages that it is for may be: it has to ask. */
async function isCrossSite(store: CookieStoreLike, now: number): Promise<boolean> {
  const scope = globalThis as CookieWindow;
  if (scope.top !== undefined && !isFramedByAnother(scope)) return false;
  const probe = makeProbe();
  if (!(await put(store, probe, '1', now + probeLifetime * 1000))) return true;
  const sticks = (await store.getAll(probe.name)).length > 0;
  await removeEach(store, [probe]);
  return !sticks;
}

/** The API writes secure cookies only, and ends every path in a slash. */
function adapted(options: CookieStoreCookieOptions): GivenAttributes {
  if (options.secure === false) {
    throw new ConfigurationError('cookieStoreCookie.secure', 'must not be false: this API writes secure cookies only');
  }
  const { path } = options;
  return path === undefined || path.endsWith('/') ? options : { ...options, path: `${path}/` };
}

/**
 * The session cookie by the Cookie Store API, for service workers, where there is no `document.cookie` (lifecycle §10). It is
 * asynchronous: in a page `documentCookie()` is the better choice, since there the cookie is right before the next request.
 *
 * Attributes, names and `duplicate` are as with `documentCookie()`, so that a page and its service worker share one cookie; but
 * all that this API writes is `Secure`, and a path other than `/` gets a slash at its end: give it to the page with that slash.
 * Calls take effect in the order in which they were made.
 *
 * Methods reject where there is no Cookie Store API (insecure contexts, some browsers) and with what the browser rejects with
 * where cookies are denied. `remove()` rejects with a `CookieError` where a value of the name is still visible afterwards,
 * `write()` with a `ConfigurationError` for a token that no cookie can hold.
 *
 * @throws {ConfigurationError} for attributes that no cookie can have, and for `secure: false`
 * @example createTokenLifecycle({ source, cookie: cookieStoreCookie({ outageWindowMs: 5 * 60_000 }) });
 */
export function cookieStoreCookie(options: CookieStoreCookieOptions = {}): SessionCookie {
  const settings = settle('cookieStoreCookie', options);
  const given = adapted(options);
  let judged: Promise<boolean> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Asked once: the pages around stay the same. */
  async function crossSite(store: CookieStoreLike): Promise<boolean> {
    if (!dependsOnSite(given)) return false;
    judged ??= isCrossSite(store, settings.clock.now());
    try {
      return await judged;
    } catch (error) {
      judged = undefined;
      throw error;
    }
  }

  async function open(): Promise<Opened> {
    const store: CookieStoreLike | undefined =
      options.cookieStore ?? (globalThis as { cookieStore?: CookieStoreLike }).cookieStore;
    if (!store) throw Object.assign(new Error('There is no Cookie Store API here.'), { code: 'cookie_store_missing' });
    return { store, used: attributesFor(given, { isSecureContext: true, isCrossSite: await crossSite(store) }) };
  }

  /** One call after the other: what was called first is not to undo what was called later. */
  function inTurn<T>(task: (opened: Opened) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => task(await open());
    const done = last.then(run, run);
    last = done;
    return done;
  }

  const all = ({ used }: Opened): CookieAttributes[] => variants(given, used, settings.formerly);

  async function removeForeign({ store }: Opened, ours: CookieAttributes): Promise<void> {
    await removeEach(store, await findForeign(store, ours));
  }

  async function write(opened: Opened, token: string, expiresAt: number): Promise<CookieWrite> {
    const { store, used } = opened;
    const { maxAge, fits } = draft(settings, used, token, expiresAt);
    if (!fits) return { status: 'rejected', reason: 'too_large' };
    if (same(await valuesOf(opened, used), token)) return { status: 'unchanged' };
    // A lifetime that is over would remove what is there, and nothing but sign-out may do that.
    if (!(maxAge > 0)) return { status: 'rejected', reason: 'blocked' };
    const write = () => put(store, used, token, settings.clock.now() + maxAge * 1000);
    if (!(await write())) return { status: 'rejected', reason: 'blocked' };
    const values = await valuesOf(opened, used);
    if (!values.includes(token)) return { status: 'rejected', reason: 'blocked' };
    if (same(values, token)) return { status: 'written' };
    // A twin of ours, from before a partition or a domain? Whatever stays then was tossed by somebody else.
    await removeEach(store, twinsOf(used, all(opened)));
    await write();
    if (same(await valuesOf(opened, used), token)) return { status: 'written' };
    await removeForeign(opened, used);
    return { status: 'rejected', reason: 'duplicate' };
  }

  async function remove(opened: Opened): Promise<void> {
    const { store, used } = opened;
    await removeEach(store, all(opened));
    await removeForeign(opened, used);
    if ((await valuesOf(opened, used)).length > 0) {
      throw new CookieError('duplicate', 'A cookie of this name is still there, where this page cannot remove it.');
    }
  }

  async function readContext(opened: Opened): Promise<string | undefined> {
    const companion = companionOf(opened.used);
    if (new Set(await valuesOf(opened, companion)).size > 1) {
      await removeEach(opened.store, twinsOf(companion, all(opened).map(companionOf)));
    }
    const values = await valuesOf(opened, companion);
    if (new Set(values).size > 1) {
      await removeForeign(opened, companion);
      throw new CookieError('duplicate');
    }
    return values[0] === undefined ? undefined : decodeContext(values[0]);
  }

  async function writeContext(opened: Opened, value: string): Promise<void> {
    const companion = companionOf(opened.used);
    const encoded = encodeContext(settings, companion, value);
    if (same(await valuesOf(opened, companion), encoded)) return;
    if (!(await put(opened.store, companion, encoded))) throw new CookieError('blocked');
    const values = await valuesOf(opened, companion);
    if (!values.includes(encoded)) throw new CookieError('blocked');
    if (same(values, encoded)) return;
    await removeEach(opened.store, twinsOf(companion, all(opened).map(companionOf)));
    await put(opened.store, companion, encoded);
    if (same(await valuesOf(opened, companion), encoded)) return;
    await removeForeign(opened, companion);
    throw new CookieError('duplicate');
  }

  return {
    sync: false,
    read: () => inTurn(async ({ store, used }) => (await store.getAll(used.name)).map(toValue)),
    write: (token, { expiresAt }) => inTurn((opened) => write(opened, token, expiresAt)),
    remove: () => inTurn(remove),
    readContext: () => inTurn(readContext),
    writeContext: (value) => inTurn((opened) => writeContext(opened, value)),
  };
}
