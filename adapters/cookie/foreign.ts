/** What the Cookie Store API tells that `document.cookie` does not: where a cookie lies. */
import { type CookieAttributes, isSamePlace } from './attributes';

/** What browsers tell of a cookie; some tell no more than name and value. */
export type CookieStoreItem = {
  readonly value?: string | undefined;
  readonly domain?: string | null | undefined;
  readonly path?: string | undefined;
  readonly partitioned?: boolean | undefined;
};

/** What is used of the Cookie Store API. */
export type CookieStoreLike = {
  getAll(name: string): Promise<readonly CookieStoreItem[]>;
  set(cookie: {
    name: string;
    value: string;
    path: string;
    sameSite: 'lax' | 'strict' | 'none';
    partitioned: boolean;
    domain?: string;
    expires?: number;
  }): Promise<void>;
};

/**
 * Cookies of the same name that lie elsewhere than ours: tossed by a sibling host, or left by something that is long forgotten.
 * Each with the attributes that remove exactly this one. Empty where the browser does not tell.
 */
export async function findForeign(store: CookieStoreLike, ours: CookieAttributes): Promise<CookieAttributes[]> {
  const items = await store.getAll(ours.name);
  return items
    .flatMap(({ domain, path, partitioned = false }): CookieAttributes[] => {
      if (path === undefined) return [];
      const sameSite = partitioned ? 'None' : ours.sameSite;
      // This API is there in secure contexts only, where a secure removal takes away insecure cookies as well.
      return [{ ...ours, domain: domain ?? undefined, path, partitioned, sameSite, secure: true }];
    })
    .filter((one) => !isSamePlace(one, ours));
}
