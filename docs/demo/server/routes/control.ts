import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { type Demo, type DemoEnv, refuse, sessionCookie } from '../context';
import { requireCustomHeader } from '../guard';
import { changeSettings, type DemoSettings } from '../settings';

const faultSettings = ['fault', 'retryAfterSeconds', 'slowMs', 'clockOffsetSeconds', 'dateHeader'] as const;
const keepAliveMs = 15_000;

/** The page's levers, and its window into the server. Nothing here is part of what a token server needs. */
export function controlRoutes(demo: Demo): Hono<DemoEnv> {
  const change = async (context: Context<DemoEnv>, allowed: readonly (keyof DemoSettings)[]): Promise<Response> => {
    const result = changeSettings(demo.settings.get(), await context.req.json().catch(() => null), allowed);
    if ('problem' in result) return refuse(context, 400, result.problem);
    demo.settings.set(result.settings);
    return context.json(result.settings);
  };

  return (
    new Hono<DemoEnv>()
      .use('/demo/*', requireCustomHeader())
      .get('/demo/settings', (context) => context.json(demo.settings.get()))
      .post('/demo/faults', (context) => change(context, faultSettings))
      .post('/demo/ttl', (context) => change(context, ['ttlSeconds']))

      // As an administrator would: the browser is not told, and finds out at its next mint.
      .post('/demo/end-session', (context) => {
        const session = demo.sessions.bySecret(getCookie(context, sessionCookie));
        if (session) demo.sessions.end(session.id);
        return context.json({ ended: session !== undefined });
      })

      // As a thief would who had copied the cookie a while ago: the session ends, since the secret is in two hands.
      .post('/demo/replay', (context) => {
        const session = demo.sessions.bySecret(getCookie(context, sessionCookie));
        const copied = session && demo.sessions.spentSecretOf(session.id);
        if (copied) demo.sessions.bySecret(copied);
        return context.json({ detected: copied !== undefined });
      })

      // Server-sent events: `settings` and `request`, first what is known, then what happens.
      .get('/demo/requests', (context) =>
        streamSSE(context, async (stream) => {
          const send = (event: string, value: unknown): void => {
            void stream.writeSSE({ event, data: JSON.stringify(value) });
          };
          send('settings', demo.settings.get());
          send('requests', demo.log.entries());
          const keepAlive = setInterval(() => void stream.write(': keep-alive\n\n'), keepAliveMs);
          const unwatch = [
            demo.settings.watch((settings) => send('settings', settings)),
            demo.log.watch((entry) => send('request', entry)),
          ];
          await new Promise<void>((resolve) => stream.onAbort(resolve));
          clearInterval(keepAlive);
          for (const end of unwatch) end();
        }),
      )
  );
}
