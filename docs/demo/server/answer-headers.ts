import type { Context, MiddlewareHandler } from 'hono';
import type { Demo, DemoEnv } from './context';

/** A dropped connection has nobody to read a header, and touching its response would bring it back. */
const isGone = (context: Context<DemoEnv>): boolean =>
  context.env.outgoing.destroyed || context.env.outgoing.headersSent;

/** Dates every answer by the server's own clock, right or wrong, or not at all. */
export function dateAnswers(demo: Demo): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    await next();
    if (isGone(context)) return;
    context.env.outgoing.sendDate = false;
    if (demo.settings.get().dateHeader) context.header('date', new Date(demo.clock.now()).toUTCString());
  };
}

/** No answer that depends on who asks may be kept. */
export function noStore(): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    await next();
    if (!isGone(context)) context.header('cache-control', 'no-store');
  };
}
