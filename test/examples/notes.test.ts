/** The notes app, driven along every path of the model, in virtual time. As docs/guides/model-based-tests.md has it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenServer, createVirtualClock } from '../../adapters/testing/index';
import { createLifecycleModel, type EventExecutors, type StateChecks } from '../../adapters/testing/model/create';
import { createNotesApp, type NotesApp } from '../../docs/examples/notes/app';
import { createNotesServer } from '../../docs/examples/notes/server';
import { memoryCache, memoryConnectivity, memoryPresence } from '../../index';

const url = 'https://notes.test';
const notes = ['Buy milk', 'Call Ada'];
/** Longer than a token lives. */
const lifeMs = 70_000;

function open() {
  const clock = createVirtualClock();
  const auth = createTokenServer({ clock, ttlSeconds: 60, signing: 'HS256' });
  const server = createNotesServer(auth);
  const parts = { connectivity: memoryConnectivity(), presence: memoryPresence(), cache: memoryCache() };
  let session: string | null = 'sess_1';
  const load = (): NotesApp => {
    const app = createNotesApp({
      ...parts,
      url,
      clock,
      memory: {
        get: () => session,
        set: (id) => {
          session = id;
        },
      },
      fetch: async (input, init) => {
        if (!parts.connectivity.isOnline()) throw new TypeError('Failed to fetch');
        return server.fetch(new Request(input, init));
      },
    });
    app.tokens.start();
    return app;
  };
  return { clock, auth, ...parts, load };
}

let world: ReturnType<typeof open>;
let app: NotesApp;

const events: EventExecutors = {
  'time.passes': () => world.clock.advance(lifeMs),
  'network.lost': () => world.connectivity.set(false),
  'network.back': () => world.connectivity.set(true),
  'origin.fails': ({ status }) => world.auth.respondWith({ do: 'status', status }),
  'origin.recovers': () => world.auth.respondWith({ do: 'mint' }),
  'token.refused': () => app.tokens.reportRejected(app.tokens.peek() ?? ''),
  'page.hidden': () => world.presence.set({ visibility: 'hidden', focus: false }),
  'page.seen': () => world.presence.set({ visibility: 'visible', focus: true }),
  'page.reloads': () => {
    app.tokens.stop();
    app = world.load();
  },
  'session.revoked': async () => {
    world.auth.revoke('sess_1');
    await world.clock.advance(lifeMs);
  },
  'user.signs-out': () => app.signOut(),
  'user.signs-in': () => {
    world.auth.signIn('sess_1');
    app.signIn('sess_1');
  },
};

/** Signed in, without a token that could be used. */
async function expectToWait(badge: string): Promise<void> {
  await world.clock.advance(0);
  expect(app.badge()).toBe(badge);
  expect(app.tokens.peek()).toBeNull();
  expect(app.tokens.getState().sessionId).toBe('sess_1');
}

const states: StateChecks = {
  fresh: async () => {
    // Long enough for a backoff that runs to end.
    await world.clock.advance(60_000);
    expect(app.badge()).toBe('ready');
    expect(await app.load()).toEqual(notes);
  },
  hidden: async () => {
    await world.clock.advance(1_000);
    expect(await app.load()).toEqual(notes);
  },
  offline: async () => {
    expect(app.badge()).toBe('offline');
    expect(app.tokens.peek()).not.toBeNull();
    await expect(app.load()).rejects.toThrow('Failed to fetch');
  },
  outage: async () => expect(await app.load()).toEqual(notes),
  'offline-expired': () => expectToWait('offline'),
  'outage-expired': () => expectToWait('trouble'),
  'signed-out': async () => {
    await world.clock.advance(0);
    expect(app.badge()).toBe('signed out');
    expect(await app.tokens.getToken()).toBeNull();
  },
};

describe('the notes app along the model', () => {
  beforeEach(async () => {
    world = open();
    app = world.load();
    await world.clock.advance(1_000);
  });
  afterEach(() => {
    app.tokens.stop();
    expect(world.clock.pending).toBe(0);
  });

  const model = createLifecycleModel({ events, states, statuses: [503, 429] });
  it.each(model.getPaths().map((path) => [path.description, path] as const))('issue 3 %s', async (_, path) => {
    await path.test();
  });
});
