/** Session cookies by themselves: called in a page, and looked at in the browser's own jar. */
import type { Frame, Page, Worker } from 'playwright-core';
import type { cookieStoreCookie } from '../../../adapters/cookie/cookie-store';
import type { documentCookie } from '../../../adapters/cookie/document';
import type { Host, LeafPages } from './leaf-page';

export const cookieLeaves = `
  export { documentCookie } from './adapters/cookie/document';
  export { cookieStoreCookie } from './adapters/cookie/cookie-store';
`;

/** What scripts of such a page find. */
declare const leaves: { documentCookie: typeof documentCookie; cookieStoreCookie: typeof cookieStoreCookie };

export type LeafOptions = NonNullable<Parameters<typeof documentCookie>[0]>;
export type CookieKind = 'documentCookie' | 'cookieStoreCookie';
export type CookieCall = {
  readonly kind?: CookieKind;
  readonly options?: LeafOptions;
  readonly method: 'read' | 'write' | 'remove' | 'readContext' | 'writeContext';
  /** The token or the context; a token has just under a minute left. */
  readonly text?: string;
};

/** Calls one method of a new cookie in a page, a frame or a worker. An error comes back as its name and reason. */
export const callCookie = (where: Page | Frame | Worker, given: CookieCall): Promise<unknown> =>
  (where as Page).evaluate(async ({ kind = 'documentCookie', options = {}, method, text = '' }) => {
    try {
      const cookie = leaves[kind](options);
      if (method === 'write') return await cookie.write(text, { expiresAt: Date.now() + 59_500 });
      if (method === 'writeContext') return await cookie.writeContext?.(text);
      return await cookie[method]?.();
    } catch (error) {
      const { name, reason, code } = error as { name: string; reason?: string; code?: unknown };
      return { name, ...(reason !== undefined && { reason }), ...(typeof code === 'string' && { code }) };
    }
  }, given);

export type StoredCookie = {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly secure: boolean;
  readonly sameSite: string;
  /** Seconds it has left; null: until the browser ends. */
  readonly left: number | null;
  /** The site around it. */
  readonly partition: string | null;
};

/** What lies in the browser, as the browser tells it. */
export async function storedCookies(page: Page): Promise<StoredCookie[]> {
  const devTools = await page.context().newCDPSession(page);
  const { cookies } = await devTools.send('Storage.getCookies');
  await devTools.detach();
  return cookies.map(({ name, value, domain, path, secure, sameSite = 'none set', expires, partitionKey }) => ({
    name,
    value,
    domain,
    path,
    secure,
    sameSite,
    left: expires < 0 ? null : Math.round(expires - Date.now() / 1000),
    partition: partitionKey?.topLevelSite ?? null,
  }));
}

export async function clearCookies(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Storage.clearCookies');
  await devTools.detach();
}

/** A frame of `inner` in a page of `outer`. */
export async function frameIn(page: Page, pages: LeafPages, outer: Host, inner: Host): Promise<Frame> {
  await page.goto(pages.url(outer));
  const address = pages.url(inner, { path: '/framed' });
  await page.evaluate(async (src) => {
    const element = document.createElement('iframe');
    element.src = src;
    await new Promise((loaded) => {
      element.onload = loaded;
      document.body.append(element);
    });
  }, address);
  const frame = page.frames().find((one) => one.url() === address);
  if (!frame) throw new Error('The frame did not load.');
  return frame;
}
