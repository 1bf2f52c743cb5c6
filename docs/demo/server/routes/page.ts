import { Hono } from 'hono';
import type { Demo, DemoEnv } from '../context';

/** Nothing from elsewhere, and no inline script or style. Workers may come from a blob: the clock's does. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "worker-src 'self' blob:",
  // The inspector's viewer.
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The document, its style, its script and the service worker, straight from memory. */
export function pageRoutes(demo: Demo): Hono<DemoEnv> {
  const routes = new Hono<DemoEnv>();
  for (const [path, { type, body, policy }] of demo.page) {
    routes.get(path, (context) =>
      context.body(body, 200, {
        'content-type': type,
        // The service worker keeps the copy that counts; the HTTP cache would only hide a restart.
        'cache-control': 'no-cache',
        'content-security-policy': policy ?? contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-demo': 'token-lifecycle',
      }),
    );
  }
  return routes;
}
