/** Which attributes the cookie gets, and which it may have had before (lifecycle §10). */
import { type CookieAttributes, canLie, type GivenAttributes, isSamePlace } from './attributes';

const hostName = '__Host-__session';
const plainName = '__session';

/** Whether it matters for the attributes which site the page is framed by. */
export function dependsOnSite({ sameSite, secure, partitioned }: GivenAttributes): boolean {
  return partitioned === undefined && secure !== false && (sameSite === undefined || sameSite === 'None');
}

/**
 * What was given, and otherwise `Secure` and a `__Host-` name where the context allows, `SameSite=Lax`, and
 * `SameSite=None; Partitioned` in a frame of another site, where browsers keep no other.
 */
export function attributesFor(
  given: GivenAttributes,
  place: { readonly isSecureContext: boolean; readonly isCrossSite: boolean },
): CookieAttributes {
  const path = given.path ?? '/';
  const secure = given.secure ?? (given.partitioned === true || given.sameSite === 'None' || place.isSecureContext);
  const framed = secure && place.isCrossSite;
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

/** The companion has no secret and no lifetime: it matters to the tabs that are open. */
export const companionOf = (attributes: CookieAttributes): CookieAttributes => ({
  ...attributes,
  name: `${attributes.name}_ctx`,
});

/** A cookie's place apart from its partition. */
export type Scope = { readonly name?: string; readonly domain?: string; readonly path?: string };

/**
 * Every cookie that these options may have written, on this page or on an earlier one, as a list of attributes to remove it
 * with: both names where none was given, with and without a partition, where it lay before a domain or a path was asked for, and
 * in the scopes of earlier releases. SameSite does not tell cookies apart, so that the page's own value stands: another one would
 * be refused in a frame.
 */
export function variants(
  given: GivenAttributes,
  used: CookieAttributes,
  formerly: readonly Scope[],
): CookieAttributes[] {
  const names = given.name === undefined ? [hostName, plainName] : [given.name];
  const places = [
    { names, domain: used.domain, path: used.path },
    { names, domain: undefined, path: '/' },
    ...formerly.map(({ name, domain, path = '/' }) => ({ names: name === undefined ? names : [name], domain, path })),
  ];
  const all = places.flatMap(({ names, domain, path }) =>
    names.flatMap((name): CookieAttributes[] => {
      const plain: CookieAttributes = { ...used, name, domain, path, partitioned: false };
      return used.secure ? [plain, { ...plain, sameSite: 'None', partitioned: true }] : [plain];
    }),
  );
  const isFirst = (one: CookieAttributes, index: number): boolean =>
    all.findIndex((other) => other.name === one.name && isSamePlace(other, one)) === index;
  return all.filter((one, index) => canLie(one) && isFirst(one, index));
}

/** Those of `all` that go by the name of `ours` and are others: the ones in the same place, but for the partition, come last. */
export function twinsOf(ours: CookieAttributes, all: readonly CookieAttributes[]): CookieAttributes[] {
  return all.filter((one) => one.name === ours.name && !isSamePlace(one, ours)).reverse();
}
