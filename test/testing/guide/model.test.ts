import { expect, it } from 'vitest';
import { createLifecycleModel, createTokenServer, createVirtualClock } from '../../../adapters/testing/index';
import { createTokenLifecycle, memoryConnectivity } from '../../../index';

function open() {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock });
  const connectivity = memoryConnectivity();
  const tokens = createTokenLifecycle({ session: { id: 'sess_1' }, source: server.source(), clock, connectivity });
  return { clock, server, connectivity, tokens: tokens.start() };
}

const model = createLifecycleModel({ without: ['page.hidden', 'page.reloads', 'token.refused'] });

it.each(model.getPaths().map((path) => [path.description, path] as const))('%s', async (_, path) => {
  const { clock, server, connectivity, tokens } = open();
  await path.test({
    events: {
      'time.passes': () => clock.advance(70_000),
      'network.lost': () => connectivity.set(false),
      'network.back': () => connectivity.set(true),
      'origin.fails': ({ status }) => server.respondWith({ do: 'status', status }),
      'origin.recovers': () => server.respondWith({ do: 'mint' }),
      'session.revoked': async () => {
        server.revoke('sess_1');
        await clock.advance(70_000);
      },
      'user.signs-out': async () => void (await tokens.signOut()),
      'user.signs-in': () => {
        server.signIn('sess_1');
        tokens.signIn({ session: { id: 'sess_1' } });
      },
    },
    states: {
      fresh: async () => {
        await clock.advance(60_000); // whatever backoff runs is over
        expect(tokens.peek()).not.toBeNull();
      },
      'signed-out': async () => expect(await tokens.getToken()).toBeNull(),
      '*': () => expect(tokens.getState().sessionId).toBe('sess_1'), // every other state
    },
  });
  tokens.stop();
});
