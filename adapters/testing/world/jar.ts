/** The cookie jar of one browser, after RFC 6265bis as Chromium has it, for one site with its subdomains over https. */
import type { CookieDocument } from '../../cookie/page';

export type JarChange = {
  readonly tab: number | null;
  readonly did: 'written' | 'removed' | 'expired' | 'tossed';
  readonly name: string;
  readonly value: string;
};

type Cookie = {
  readonly name: string;
  readonly value: string;
  /** Host-only cookies have none. */
  readonly domain: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly partitioned: boolean;
  /** Not for scripts. */
  readonly httpOnly: boolean;
  readonly until: number;
  readonly createdAt: number;
};

export type Jar = {
  /** `document` of a page at `https://app.example.test/`, as far as cookies go. */
  page(tab: number): CookieDocument;
  /** A `Set-Cookie` text from a host, without a script: the server, or a sibling domain. */
  set(host: string, text: string): void;
  /** Every value of a name that the app's server sees, in its order. */
  values(name: string): string[];
  /** What the app's server gets as `Cookie`. */
  header(): string;
  /** Takes out what is over. Reading does so too. */
  expire(): void;
};

export const appHost = 'app.example.test';
const site = 'example.test';

type Attributes = ReadonlyMap<string, string>;

function attributesOf(parts: readonly string[]): Attributes {
  return new Map(
    parts.map((part): [string, string] => {
      const [name = '', ...value] = part.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
}

const withinSite = (host: string, domain: string): boolean =>
  (host === domain || host.endsWith(`.${domain}`)) && (domain === site || domain.endsWith(`.${site}`));

/** What browsers drop without a word. */
function isAllowed({ name, domain, partitioned, host }: Cookie, given: Attributes): boolean {
  const secure = given.has('secure');
  const prefix = /^__(host|secure)-/i.exec(name)?.[1]?.toLowerCase();
  return (
    (domain === undefined || withinSite(host, domain)) &&
    (given.get('samesite')?.toLowerCase() !== 'none' || secure) &&
    (!partitioned || secure) &&
    (prefix === undefined || secure) &&
    (prefix !== 'host' || (domain === undefined && given.get('path') === '/'))
  );
}

/** @param now the machine's wall clock, epoch ms: cookies go by what somebody may set */
export function createJar(now: () => number, changed: (change: JarChange) => void): Jar {
  let cookies: Cookie[] = [];
  let order = 0;

  const same = (a: Cookie, b: Cookie): boolean =>
    a.name === b.name &&
    a.domain === b.domain &&
    (a.domain !== undefined || a.host === b.host) &&
    a.path === b.path &&
    a.partitioned === b.partitioned;

  function parse(host: string, text: string): Cookie | undefined {
    const [pair = '', ...rest] = text.split(';');
    const at = pair.indexOf('=');
    if (at < 1 || new TextEncoder().encode(pair).length - 1 > 4096) return undefined;
    const given = attributesOf(rest);
    const maxAge = given.get('max-age');
    const path = given.get('path');
    order += 1;
    const cookie: Cookie = {
      name: pair.slice(0, at).trim(),
      value: pair.slice(at + 1).trim(),
      domain: given.get('domain')?.replace(/^\./, '').toLowerCase() || undefined,
      host,
      path: path?.startsWith('/') ? path : '/',
      partitioned: given.has('partitioned'),
      httpOnly: given.has('httponly'),
      until: maxAge !== undefined && /^-?\d+$/.test(maxAge) ? now() + Number(maxAge) * 1_000 : Number.POSITIVE_INFINITY,
      createdAt: order,
    };
    return isAllowed(cookie, given) ? cookie : undefined;
  }

  function expire(): void {
    const over = cookies.filter(({ until }) => until <= now());
    if (over.length === 0) return;
    cookies = cookies.filter((one) => !over.includes(one));
    for (const { name, value } of over) changed({ tab: null, did: 'expired', name, value });
  }

  function store(tab: number | null, host: string, text: string): void {
    const cookie = parse(host, text);
    if (!cookie) return;
    expire();
    const old = cookies.find((one) => same(one, cookie));
    if (tab !== null && (cookie.httpOnly || old?.httpOnly)) return;
    const { name } = cookie;
    cookies = cookies.filter((one) => one !== old);
    if (cookie.until <= now()) {
      if (old) changed({ tab, did: 'removed', name, value: old.value });
      return;
    }
    cookies.push({ ...cookie, createdAt: old?.createdAt ?? cookie.createdAt });
    const did = host === appHost ? 'written' : 'tossed';
    if (old?.value !== cookie.value) changed({ tab, did, name, value: cookie.value });
  }

  function visible(): Cookie[] {
    expire();
    return cookies
      .filter(({ domain, host }) => (domain === undefined ? host === appHost : withinSite(appHost, domain)))
      .filter(({ path }) => path === '/')
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  const header = (cookies = visible()): string => cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

  return {
    page: (tab) => {
      const window = { isSecureContext: true, location: { href: `https://${appHost}/` } };
      return {
        defaultView: { ...window, top: undefined },
        get cookie() {
          return header(visible().filter(({ httpOnly }) => !httpOnly));
        },
        set cookie(text: string) {
          store(tab, appHost, text);
        },
      };
    },
    set: (host, text) => store(null, host, text),
    values: (name) =>
      visible()
        .filter((one) => one.name === name)
        .map(({ value }) => value),
    header: () => header(),
    expire,
  };
}
