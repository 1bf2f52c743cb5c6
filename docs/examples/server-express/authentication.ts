import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { RequestAuthenticator } from '../../../adapters/server/index';

/** Methods that a Fetch `Request` cannot have. */
const unusual = ['CONNECT', 'TRACE', 'TRACK'];

/** Path and query of a request target, which may also be a whole address (RFC 9112). */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return '/';
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}

/** A Fetch `Request` without the body, which stays with Node. The host is of no account: own origins are configured. */
export function toRequest(message: IncomingMessage): Request {
  const { originalUrl = message.url ?? '/' } = message as { originalUrl?: string };
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    // HTTP/2 has pseudo headers, which begin with a colon.
    if (value !== undefined && !name.startsWith(':')) headers.set(name, [value].flat().join(', '));
  }
  return new Request(`http://localhost${pathOf(originalUrl)}`, { method: message.method ?? 'GET', headers });
}

/** Redirects and 503 are answered here; every other request goes on, with `res.locals.auth` set. */
export const authentication =
  (authenticate: RequestAuthenticator): RequestHandler =>
  async (req, res, next) => {
    if (unusual.includes(req.method)) {
      res.sendStatus(405);
      return;
    }
    const answer = await authenticate(toRequest(req));
    for (const [name, value] of answer.headers) {
      if (name === 'set-cookie') res.append(name, value);
      else if (name === 'vary') res.vary(value);
      else res.set(name, value);
    }
    if (answer.status === 'handshake') res.status(307).end();
    else if (answer.status === 'unavailable') res.status(503).end();
    else {
      res.locals.auth = answer;
      next();
    }
  };
