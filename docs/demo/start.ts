/** `npm start`: builds the page, starts the token server, prints where it is. */
import { buildPage } from './server/page-build';
import { createDemoServer, type DemoServer } from './server/server';

const usualPort = 4400;
/** Short enough to watch a whole life without getting bored. */
const ttlSeconds = 30;

async function listen(server: DemoServer): Promise<string> {
  try {
    return await server.listen(usualPort);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    console.log(`Port ${usualPort} is taken; using a free one.`);
    return server.listen(0);
  }
}

const server = await createDemoServer({ page: await buildPage(), settings: { ttlSeconds } });
const url = await listen(server);
console.log(`token-lifecycle demo: ${url}\nCtrl+C stops it.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close());
}
