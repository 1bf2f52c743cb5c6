/** `npm start`: builds the page, starts the token server, prints where it is. */
import { listenSomewhere } from './server/listen';
import { buildPage } from './server/page-build';
import { createDemoServer } from './server/server';

const usualPort = 4400;
/** Short enough to watch a whole life without getting bored. */
const ttlSeconds = 30;

const server = await createDemoServer({ page: await buildPage(), settings: { ttlSeconds } });
const { url, usual } = await listenSomewhere(server, usualPort);
if (!usual) console.log(`Port ${usualPort} is taken; this is a free one.`);
console.log(`token-lifecycle demo: ${url}\nCtrl+C stops it.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close());
}
