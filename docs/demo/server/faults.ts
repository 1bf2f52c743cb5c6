import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler } from 'hono';
import { type Demo, type DemoEnv, refuse } from './context';

const badGateway = `<!doctype html>
<html lang="en"><title>502 Bad Gateway</title><h1>Bad Gateway</h1><p>The origin did not answer.</p></html>`;

/** Resolves after `ms`, or as soon as nobody waits any more: the client has left, or the server closes. */
function pause(context: Context<DemoEnv>, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const { outgoing } = context.env;
    const done = (): void => {
      clearTimeout(timer);
      outgoing.off('close', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    outgoing.once('close', done);
  });
}

/** Cuts the connection: the client learns nothing, not even a status. */
function drop(context: Context<DemoEnv>): Response {
  context.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/**
 * Misbehaves as the settings say. `outage` is not among these cases: an edge that stands in for its origin is a behaviour
 * of the mint itself.
 */
export function misbehave(demo: Demo): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    const { fault, retryAfterSeconds, slowMs } = demo.settings.get();
    if (fault !== 'none') context.get('note')?.({ fault });
    switch (fault) {
      case 'broken':
        return refuse(context, 500, 'internal_error');
      case 'unavailable':
        return refuse(context, 503, 'unavailable');
      case 'rate-limited':
        context.header('retry-after', String(retryAfterSeconds));
        return refuse(context, 429, 'rate_limited');
      case 'html':
        return context.html(badGateway, 502);
      case 'empty':
        return context.body('', 200, { 'content-type': 'application/json' });
      case 'dropped':
        context.get('noteDrop')?.();
        return drop(context);
      case 'lost':
        // The work is done; what was decided does not get through.
        await next();
        context.get('noteDrop')?.();
        return drop(context);
      case 'hang':
        await pause(context);
        return drop(context);
      case 'slow':
        await pause(context, slowMs);
        return next();
      default:
        return next();
    }
  };
}
