import { checkTrace, createWorld, formatTrace } from '../../../adapters/testing/index';

const world = createWorld({ tabs: 3, seed: 42 });
world.server.respondWith({ do: 'status', status: 503 });
await world.advance(120_000);
world.server.respondWith({ do: 'mint' });
await world.advance(120_000);

for (const { message, entries } of checkTrace(world.trace, { healthySince: 120_000 })) {
  throw new Error(`${message}\n${formatTrace(entries.flatMap((at) => world.trace[at] ?? []))}`);
}
