import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Store } from '../store';
import type { ServerClock } from './clock';
import type { SigningKeys } from './keys';
import type { PageAssets } from './page';
import type { RequestLog, RequestNotes } from './request-log';
import type { SessionStore } from './sessions';
import type { DemoSettings } from './settings';
import type { TokenService } from './tokens';

/** Everything that one running demo consists of. Made once per server, handed to each route. */
export type Demo = {
  readonly clock: ServerClock;
  readonly keys: SigningKeys;
  readonly sessions: SessionStore;
  readonly tokens: TokenService;
  readonly settings: Store<DemoSettings>;
  readonly log: RequestLog;
  readonly page: PageAssets;
};

export type DemoEnv = {
  Bindings: HttpBindings;
  Variables: {
    /** Adds to this request's entry in the log. Absent on routes that are not logged. */
    note?: (notes: RequestNotes) => void;
    /** Closes the entry of a request whose connection is about to be cut. */
    noteDrop?: () => void;
  };
};

export const sessionCookie = 'demo_session';
export const tokenCookie = '__session';

/** Lax, so that a link to the page finds the user signed in. Not `Secure`: the demo speaks http, on the loopback only. */
export const sessionCookieOptions = { httpOnly: true, sameSite: 'Lax', path: '/' } as const;
export const sessionCookieSeconds = 24 * 60 * 60;

/** The error body that the HTTP token source understands. */
export function refuse(
  context: Context<DemoEnv>,
  status: 400 | 401 | 403 | 422 | 429 | 500 | 503,
  code: string,
): Response {
  context.get('note')?.({ code });
  return context.json({ errors: [{ code }] }, status);
}
