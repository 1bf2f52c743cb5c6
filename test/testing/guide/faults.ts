import { createWorld } from '../../../adapters/testing/index';

let requests = 0;
const world = createWorld({
  tabs: 5,
  seed: 7,
  server: { credential: 'rotating' },
  faults: {
    network: ({ op }) => (op === 'mint' && ++requests % 3 === 0 ? { lose: 'response' } : null),
    message: ({ to }) => (to === 2 ? { delayMs: 2_000, copies: 2 } : null),
    storage: ({ adapter }) => (adapter === 'cache' ? 'full' : null),
    lock: ({ tab }) => (tab === 4 ? 'unavailable' : null),
  },
});
await world.advance(600_000);
console.log(world.server.reuses);
