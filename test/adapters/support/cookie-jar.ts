import type { CookieStoreLike } from '../../../adapters/cookie/foreign';
import type { CookieDocument, CookieWindow } from '../../../adapters/cookie/page';

type Cookie = {
  name: string;
  value: string;
  /** Host-only cookies have none. */
  domain: string | undefined;
  host: string;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: 'Lax' | 'Strict' | 'None';
  partition: string | undefined;
  until: number;
  createdAt: number;
};

type Page = {
  /** Address of the page. */
  readonly url: string;
  /** Addresses of the pages around it, the nearest first. */
  readonly within?: readonly string[];
  /** Whether it has the Cookie Store API, and whether that tells where a cookie lies. Default: it has none. */
  readonly cookieStore?: 'tells all' | 'tells little';
};

/** The jar of one browser, after RFC 6265bis and CHIPS as Chromium has them; third-party cookies only with a partition. */
export type CookieJar = {
  page(page: Page): CookieDocument;
  /** The Cookie Store API of that page, or of a service worker with its address. */
  store(page: Page): CookieStoreLike;
  /** `Set-Cookie` on an answer from `url`. */
  setByServer(url: string, text: string): void;
  /** How many cookies lie in the jar, whoever may see them. */
  readonly size: number;
  /** The user blocks cookies: setting one does nothing, reading gives none. */
  block(): void;
};

const publicSuffixes = new Set(['test', 'com', 'uk', 'co.uk', 'localhost']);

function siteOf(url: string): string {
  const { protocol, hostname } = new URL(url);
  const labels = hostname.split('.');
  const at = labels.findIndex((_, index) => publicSuffixes.has(labels.slice(index).join('.')));
  return `${protocol}//${labels.slice(Math.max(0, at - 1)).join('.')}`;
}

const isSecure = (url: URL): boolean => url.protocol === 'https:' || /(^|\.)localhost$/.test(url.hostname);
const pathMatches = (path: string, cookie: string): boolean =>
  path === cookie || (path.startsWith(cookie) && (cookie.endsWith('/') || path[cookie.length] === '/'));
const domainMatches = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

export function createCookieJar(options: { now: () => number; partitions?: boolean }): CookieJar {
  const { now, partitions = true } = options;
  let cookies: Cookie[] = [];
  let blocked = false;
  let order = 0;

  function put(page: Page, text: string): boolean {
    const url = new URL(page.url);
    const cookie = parse(url, text, true, keyOf(page));
    if (blocked || !cookie) return false;
    if (crossSite(page) && (cookie.sameSite !== 'None' || cookie.partition === undefined)) return false;
    store(cookie, url, true);
    return true;
  }

  /** As in Chromium, all that it writes is secure, and paths end in a slash. */
  function storeOf(page: Page): CookieStoreLike {
    const slashed = (path: string): string => (path.endsWith('/') ? path : `${path}/`);
    const attributes = (path: string, partitioned: boolean, domain: string | undefined): string =>
      [`Path=${slashed(path)}`, 'Secure', partitioned && 'Partitioned', domain !== undefined && `Domain=${domain}`]
        .filter(Boolean)
        .join('; ');
    const demand = (done: boolean): void => {
      if (!done) throw new TypeError('Cookie was malformed and could not be stored.');
    };
    return {
      getAll: async (name) =>
        (blocked ? [] : visible(page))
          .filter((one) => one.name === name)
          .map(({ value, domain = null, path, partition }) =>
            page.cookieStore === 'tells little'
              ? { value }
              : { value, domain, path, partitioned: partition !== undefined },
          ),
      set: async ({ name, value, path, sameSite, partitioned, domain, expires }) => {
        const until = expires === undefined ? '' : `; Max-Age=${Math.round((expires - now()) / 1000)}`;
        const text = `${name}=${value}; SameSite=${sameSite}; ${attributes(path, partitioned, domain)}${until}`;
        demand(put(page, text));
      },
    };
  }

  const crossSite = (page: Page): boolean => (page.within ?? []).some((outer) => siteOf(outer) !== siteOf(page.url));
  const keyOf = (page: Page): string => siteOf(page.within?.at(-1) ?? page.url);
  const identity = (one: Cookie): string => [one.name, one.domain ?? `=${one.host}`, one.path, one.partition].join('|');

  function parse(url: URL, text: string, fromScript: boolean, partition: string): Cookie | undefined {
    const [pair = '', ...rest] = text.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    if (at < 1 || new TextEncoder().encode(pair).length - 1 > 4096) return undefined;
    const given = new Map(
      rest.map((part): [string, string] => {
        const [name = '', ...value] = part.split('=');
        return [name.toLowerCase(), value.join('=')];
      }),
    );
    const maxAge = given.get('max-age');
    const expires = given.get('expires');
    const domain = given.get('domain')?.replace(/^\./, '').toLowerCase();
    const sameSite = { strict: 'Strict', none: 'None' }[given.get('samesite')?.toLowerCase() ?? ''] ?? 'Lax';
    const path = given.get('path');
    const cookie: Cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      domain: domain || undefined,
      host: url.hostname,
      path: path?.startsWith('/') ? path : url.pathname.replace(/\/[^/]*$/, '') || '/',
      secure: given.has('secure'),
      httpOnly: given.has('httponly'),
      sameSite: sameSite as Cookie['sameSite'],
      partition: given.has('partitioned') && partitions ? partition : undefined,
      until:
        maxAge !== undefined && /^-?\d+$/.test(maxAge)
          ? now() + Number(maxAge) * 1000
          : expires !== undefined
            ? Date.parse(expires)
            : Number.POSITIVE_INFINITY,
      createdAt: order++,
    };
    const prefix = /^__(host|secure)-/i.exec(cookie.name)?.[1]?.toLowerCase();
    const allowed =
      (!cookie.domain || (domainMatches(url.hostname, cookie.domain) && !publicSuffixes.has(cookie.domain))) &&
      (!cookie.secure || isSecure(url)) &&
      (cookie.sameSite !== 'None' || cookie.secure) &&
      (cookie.partition === undefined || cookie.secure) &&
      (prefix === undefined || cookie.secure) &&
      (prefix !== 'host' || (cookie.domain === undefined && path === '/')) &&
      (!fromScript || !cookie.httpOnly);
    return allowed ? cookie : undefined;
  }

  function store(cookie: Cookie, url: URL, fromScript: boolean): void {
    const old = cookies.find((one) => identity(one) === identity(cookie));
    if (old && fromScript && old.httpOnly) return;
    const shadowsSecure = cookies.some(
      (one) => one.secure && one.name === cookie.name && pathMatches(cookie.path, one.path),
    );
    if (!isSecure(url) && shadowsSecure) return;
    cookies = cookies.filter((one) => one !== old);
    if (cookie.until > now()) cookies.push({ ...cookie, createdAt: old?.createdAt ?? cookie.createdAt });
  }

  function visible(page: Page): Cookie[] {
    const url = new URL(page.url);
    const foreign = crossSite(page);
    return cookies
      .filter((one) => one.until > now() && !one.httpOnly)
      .filter((one) => (one.domain ? domainMatches(url.hostname, one.domain) : one.host === url.hostname))
      .filter((one) => pathMatches(url.pathname, one.path) && (!one.secure || isSecure(url)))
      .filter((one) => (one.partition === undefined ? !foreign : one.partition === keyOf(page)))
      .sort((a, b) => b.path.length - a.path.length || a.createdAt - b.createdAt);
  }

  function windowOf(page: Page): CookieWindow {
    const chain = [page.url, ...(page.within ?? [])];
    const windows: Record<string, unknown>[] = chain.map(() => ({}));
    const top = windows.at(-1);
    windows.forEach((window, index) => {
      const address = chain[index] ?? '';
      const readable = new URL(address).origin === new URL(page.url).origin;
      const location = {
        get href(): string {
          if (!readable) throw new DOMException('Blocked a frame', 'SecurityError');
          return address;
        },
      };
      Object.assign(window, { location, top, parent: windows[index + 1] ?? window });
      if (readable) window.isSecureContext = chain.every((one) => isSecure(new URL(one)));
    });
    if (page.cookieStore) Object.assign(windows[0] ?? {}, { cookieStore: storeOf(page) });
    return windows[0] ?? {};
  }

  return {
    page: (page) => ({
      defaultView: windowOf(page),
      get cookie(): string {
        return blocked
          ? ''
          : visible(page)
              .map(({ name, value }) => `${name}=${value}`)
              .join('; ');
      },
      set cookie(text: string) {
        put(page, text);
      },
    }),
    store: storeOf,
    setByServer: (address, text) => {
      const url = new URL(address);
      const cookie = parse(url, text, false, siteOf(address));
      if (cookie) store(cookie, url, false);
    },
    get size() {
      return cookies.filter((one) => one.until > now()).length;
    },
    block: () => {
      blocked = true;
    },
  };
}
