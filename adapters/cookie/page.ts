import type { CookieAttributes, GivenAttributes } from './attributes';

/** What the cookie adapter uses of a document. */
export type CookieDocument = { cookie: string; readonly defaultView?: CookieWindow | null };

/** What it uses of a window: only what may be touched across origins, and its own address. */
export type CookieWindow = {
  readonly isSecureContext?: boolean;
  readonly top?: unknown;
  readonly parent?: unknown;
  readonly location?: { readonly href?: string };
};

const hostName = '__Host-__session';
const plainName = '__session';

/** Whether any page around this one has another origin, which SameSite=Lax may not survive. */
function isFramedByAnother(window: CookieWindow): boolean {
  try {
    for (let around = window; around.top !== around; around = around.parent as CookieWindow) {
      if (typeof (around.parent as CookieWindow).location?.href !== 'string') return true;
    }
    return false;
  } catch {
    return true;
  }
}

/**
 * The attributes for this page (lifecycle §10): what was given, and otherwise `Secure` and a `__Host-` name where the context
 * allows, `SameSite=Lax`, and `SameSite=None; Partitioned` inside a frame of another origin. That is needed in frames of another
 * site and does no harm in those of the same one, which cannot be told apart here.
 */
export function attributesFor(given: GivenAttributes, document: CookieDocument): CookieAttributes {
  const window = document.defaultView ?? undefined;
  const path = given.path ?? '/';
  const secure =
    given.secure ?? (given.partitioned === true || given.sameSite === 'None' || window?.isSecureContext === true);
  const framed = secure && window?.top !== undefined && isFramedByAnother(window);
  const sameSite = given.sameSite ?? (framed || given.partitioned === true ? 'None' : 'Lax');
  return {
    name: given.name ?? (secure && given.domain === undefined && path === '/' ? hostName : plainName),
    path,
    domain: given.domain,
    sameSite,
    secure,
    partitioned: given.partitioned ?? (framed && sameSite === 'None'),
  };
}

/** A cookie's place apart from its name. */
export type Scope = { readonly name?: string; readonly domain?: string; readonly path?: string };

/**
 * Every cookie that these options may have written, on this page or on an earlier one, as a list of attributes to remove it
 * with: both names where none was given, with and without a partition, in the scopes of earlier releases too. SameSite does not
 * tell cookies apart, so that the page's own value stands: another one would be refused in a frame.
 */
export function variants(
  given: GivenAttributes,
  used: CookieAttributes,
  formerly: readonly Scope[],
): CookieAttributes[] {
  const names = given.name === undefined ? [hostName, plainName] : [given.name];
  const scopes = [
    ...names.map((name) => ({ name, domain: used.domain, path: used.path })),
    ...formerly.flatMap((scope) => {
      const { domain, path = '/' } = scope;
      return (scope.name === undefined ? names : [scope.name]).map((name) => ({ name, domain, path }));
    }),
  ];
  return scopes.flatMap((scope) => {
    const plain: CookieAttributes = { ...used, ...scope, partitioned: false };
    const partitioned: CookieAttributes = { ...plain, sameSite: 'None', partitioned: true };
    return used.secure ? [plain, partitioned] : [plain];
  });
}
