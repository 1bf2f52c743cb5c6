import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { dateAnswers, noStore } from './answer-headers';
import type { Demo, DemoEnv } from './context';
import { ownPageOnly } from './guard';
import { logRequests } from './logging';
import { apiRoutes } from './routes/api';
import { controlRoutes } from './routes/control';
import { pageRoutes } from './routes/page';
import { sessionRoutes } from './routes/sessions';
import { tokenRoutes } from './routes/tokens';

const bodyLimitBytes = 32 * 1024;
const loggedPaths = ['/tokens', '/session', '/sign-in', '/sign-out', '/api/*', '/.well-known/*'];

/** Puts the routes together. */
export function createApp(demo: Demo): Hono<DemoEnv> {
  const app = new Hono<DemoEnv>();
  app.use(dateAnswers(demo), ownPageOnly(), bodyLimit({ maxSize: bodyLimitBytes }));
  for (const path of loggedPaths) app.use(path, logRequests(demo), noStore());
  for (const routes of [tokenRoutes, sessionRoutes, apiRoutes, controlRoutes, pageRoutes]) app.route('/', routes(demo));
  return app;
}
