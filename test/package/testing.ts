// The test kit as a user's compiler sees it, with no runner's types around.
import {
  createTokenServer,
  createVirtualClock,
  createWorld,
  formatTrace,
  type Read,
  type ServerBehaviour,
  type Trace,
  type World,
} from 'token-lifecycle/testing';

const clock = createVirtualClock({ start: 0 });
const behaviour: ServerBehaviour = { do: 'drop', answer: { do: 'mint', ttlSeconds: 5 } };
const server = createTokenServer({ clock, credential: 'rotating' });
server.script([behaviour]);
// @ts-expect-error There is no such behaviour.
server.respondWith({ do: 'explode' });

const world: World = createWorld({ tabs: 3, server: { ttlSeconds: 30 }, policy: { jitter: 0 } });
const read: Read = world.read(0, { skipCache: true });
const trace: Trace = world.trace;
const fingerprints = trace.flatMap((entry) => (entry.is === 'served' && entry.token ? [entry.token.fingerprint] : []));

export const used = [read.outcome, formatTrace(trace), fingerprints];
