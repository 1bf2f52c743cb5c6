import type { MiddlewareHandler } from 'hono';
import type { Demo, DemoEnv } from './context';

/**
 * Writes each request into the log when it arrives and again when it is over. The socket says how it ended: a hanging or
 * dropped request has no response that middleware could look at.
 */
export function logRequests(demo: Demo): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    const { method, path } = context.req;
    const { outgoing } = context.env;
    const id = demo.log.begin({ method, path });
    context.set('note', (notes) => demo.log.note(id, notes));
    context.set('noteDrop', () => demo.log.end(id, { status: null, outcome: 'dropped' }));
    outgoing.once('close', () => {
      const answered = outgoing.writableFinished;
      demo.log.end(id, {
        status: answered ? outgoing.statusCode : null,
        outcome: answered ? 'answered' : 'abandoned',
      });
    });
    await next();
  };
}
