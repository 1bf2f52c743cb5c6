/** The `Cookie` header of a request. */

export type CookiePair = { readonly name: string; readonly value: string };

/** Name and value of each cookie, in the order in which they came. */
export function cookiePairs(request: Request): CookiePair[] {
  return (request.headers.get('cookie') ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at === -1 ? [] : [{ name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }];
  });
}

/** The different values of a name; an empty one is none. */
export const valuesOf = (pairs: readonly CookiePair[], name: string): string[] => [
  ...new Set(pairs.filter((pair) => pair.name === name && pair.value !== '').map(({ value }) => value)),
];
