import type { Context, MiddlewareHandler } from 'hono';
import type { DemoEnv } from './context';

/** The header that a form or an image of another site cannot send. */
export const customHeader = 'x-token-lifecycle';

const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;
const safeMethods = new Set(['GET', 'HEAD']);

const forbidden = (context: Context<DemoEnv>, code: string): Response =>
  context.json({ errors: [{ code }] }, 403, { 'cache-control': 'no-store' });

/**
 * Only this machine, and on it only this page, may talk to the demo. The bind address keeps other machines out; the name
 * in `Host` keeps a page out whose DNS was pointed here; `Origin` and `Sec-Fetch-Site` keep the other tabs out.
 */
export function ownPageOnly(): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (!loopbackHost.test(host)) return forbidden(context, 'unknown_host');
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) return forbidden(context, 'foreign_origin');
    // A link from elsewhere may open the page; nothing else of another site gets in.
    const site = context.req.header('sec-fetch-site') ?? 'same-origin';
    const opensPage = context.req.path === '/' && safeMethods.has(context.req.method);
    if (site !== 'same-origin' && site !== 'none' && !opensPage) return forbidden(context, 'foreign_origin');
    return next();
  };
}

/** Forms can post, but not with a header of their own. */
export function requireCustomHeader(): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    if (!safeMethods.has(context.req.method) && context.req.header(customHeader) === undefined) {
      return forbidden(context, 'missing_header');
    }
    return next();
  };
}
