/** Issue 5, item 2: where events go, to whom alone, and what is left after `stop()`. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AnyActorRef, createActor, createMachine, fromPromise, type InspectionEvent } from 'xstate';
import { createTokenInspector } from '../../adapters/inspect';
import { createInspectorIn } from '../../adapters/inspect/create';
import { ConfigurationError } from '../../machines/errors';
import { createPage, createPeer, createSockets, idle, inspectOn, type Made } from './support/pages';

const door = createMachine({
  id: 'door',
  initial: 'shut',
  states: { shut: { on: { open: 'ajar' } }, ajar: { on: { shut: 'shut' } } },
});

/** Its events: registered, init twice (as event and as snapshot), then two for each `send`. */
function open({ inspector }: Pick<Made, 'inspector'>, sends = 1): AnyActorRef {
  const actor = createActor(door, { inspect: inspector.inspect }).start();
  for (let at = 0; at < sends; at += 1) actor.send({ type: at % 2 ? 'shut' : 'open' });
  return actor;
}

const typesIn = (posted: readonly { readonly message: unknown }[]) =>
  posted.map(({ message }) => (message as { type: string }).type);

const registered = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'];
const sent = ['@xstate.event', '@xstate.snapshot'];
const own = 'https://app.example.com';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

describe('a window', () => {
  it('issue 5 is opened at once, and filled when the page is there', async () => {
    const made = inspectOn({ to: 'window' });
    expect(made.opened).toEqual([{ url: '', name: 'token-lifecycle-inspector' }]);
    await idle();
    expect(made.peer.replaced).toEqual([expect.stringMatching(/^blob:/)]);
    made.inspector.stop();
  });

  it('issue 5 of a viewer that is served goes there', () => {
    const made = inspectOn({ to: 'window', url: '/viewer' });
    expect(made.opened.map(({ url }) => url)).toEqual([`${own}/viewer`]);
    made.connect(own);
    expect(made.peer.replaced).toEqual([]);
  });

  it('issue 5 hears everything from the beginning, once it is there, and to its own origin alone', async () => {
    const made = inspectOn({ to: 'window' });
    const actor = open(made);
    await idle();
    expect(made.peer.posted).toEqual([]);
    made.connect(own);
    expect(typesIn(made.peer.posted)).toEqual([...registered, ...sent]);
    actor.send({ type: 'shut' });
    await idle();
    expect(typesIn(made.peer.posted)).toEqual([...registered, ...sent, ...sent]);
    expect(new Set(made.peer.posted.map(({ origin }) => origin))).toEqual(new Set([own]));
    expect(made.peer.posted[0]?.message).toMatchObject({
      name: 'door',
      source: { id: expect.any(String), label: 'Notes' },
      snapshot: { status: 'active' },
    });
  });

  it('issue 5 that was reloaded is told again', async () => {
    const made = inspectOn({ to: 'window' });
    open(made);
    made.connect(own);
    await idle();
    made.connect(own);
    expect(typesIn(made.peer.posted)).toEqual([...registered, ...sent, ...registered, ...sent]);
  });

  it.each([
    ['of another origin', 'https://evil.example', undefined],
    ['of another window', own, createPeer()],
    ['of no window', own, null],
  ])('issue 5 a connection %s is none', async (_, origin, source) => {
    const made = inspectOn({ to: 'window' });
    open(made);
    await idle();
    made.connect(origin, source === undefined ? made.peer : source);
    made.hear({ data: null, origin: own, source: made.peer as unknown as Window });
    made.hear({ data: { type: 'hello' }, origin: own, source: made.peer as unknown as Window });
    expect(made.peer.posted).toEqual([]);
  });

  it('issue 5 that is blocked is reported, the app runs on, and a click opens it', async () => {
    const made = inspectOn({ to: 'window' }, { blocked: true });
    expect(made.problems.map(({ reason }) => reason)).toEqual(['popup-blocked']);
    open(made);
    await idle();
    made.state.blocked = false;
    expect(made.inspector.open()).toBe(true);
    made.connect(own);
    expect(typesIn(made.peer.posted)).toHaveLength(5);
  });

  it('issue 5 a blocker that throws is a blocker, and a listener that throws is its own affair', () => {
    const page = createPage();
    const surroundings = {
      ...page.surroundings,
      page: {
        ...page.surroundings.page,
        open: () => {
          throw new Error('blocked');
        },
      } as unknown as NonNullable<typeof page.surroundings.page>,
    };
    const onProblem = vi.fn(() => {
      throw new Error('of the listener');
    });
    createInspectorIn(surroundings, { to: 'window', onProblem });
    expect(onProblem).toHaveBeenCalledOnce();
  });

  it('issue 5 whose page cannot be loaded says so', async () => {
    const page = createPage();
    const problems: string[] = [];
    const loadViewer = () => Promise.reject(new Error('no chunk'));
    const surroundings = { ...page.surroundings, loadViewer };
    createInspectorIn(surroundings, { to: 'window', onProblem: ({ reason }) => void problems.push(reason) });
    await idle();
    expect(problems).toEqual(['viewer-unavailable']);
  });

  it('issue 5 keeps the charts of actors, however many events ago they came', async () => {
    const made = inspectOn({ to: 'window', keepEvents: 4 });
    open(made, 20);
    await idle();
    made.connect(own);
    expect(typesIn(made.peer.posted)).toEqual(['@xstate.actor', ...sent, ...sent]);
    expect(made.peer.posted[0]?.message).toMatchObject({ definition: expect.stringContaining('"ajar"') });
  });

  it('issue 5 stop() says goodbye, and leaves no listener; what comes later goes nowhere', async () => {
    const made = inspectOn({ to: 'window' });
    expect(made.listeners).toBe(1);
    const actor = open(made);
    made.connect(own);
    await idle();
    actor.send({ type: 'shut' });
    made.inspector.stop();
    made.inspector.stop();
    await idle();
    actor.send({ type: 'open' });
    await idle();
    made.connect(own);
    expect(typesIn(made.peer.posted)).toEqual([...registered, ...sent, '@statelyai.disconnected']);
    expect(made.listeners).toBe(0);
    expect(made.inspector.open()).toBe(false);
    expect(made.opened).toHaveLength(1);
  });

  it('issue 5 stop() before the page is there opens nothing afterwards', async () => {
    const made = inspectOn({ to: 'window' });
    const revoked = vi.spyOn(URL, 'revokeObjectURL');
    made.inspector[Symbol.dispose]();
    await idle();
    expect(made.peer.replaced).toEqual([]);
    expect(revoked).toHaveBeenCalledOnce();
    revoked.mockRestore();
  });
});

describe('the hosted inspector', () => {
  it('issue 5 is opened, and is the only one that is spoken to', async () => {
    const made = inspectOn({ to: 'stately' });
    expect(made.opened.map(({ url }) => url)).toEqual(['https://stately.ai/inspect']);
    open(made);
    await idle();
    made.connect(own);
    expect(made.peer.posted).toEqual([]);
    made.connect('https://stately.ai');
    expect(new Set(made.peer.posted.map(({ origin }) => origin))).toEqual(new Set(['https://stately.ai']));
  });

  it('issue 5 is for development: a production build throws, unless it is told otherwise', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => inspectOn({ to: 'stately' })).toThrow(ConfigurationError);
    expect(inspectOn({ to: 'stately', dangerouslyInspectInProduction: true }).opened).toHaveLength(1);
    expect(inspectOn({ to: 'window' }).opened).toHaveLength(1);
  });

  it.each([
    ['localhost', false],
    ['app.localhost', false],
    ['127.0.0.1', false],
    ['[::1]', false],
    ['app.example.com', true],
    ['localhost.evil.example', true],
  ])('issue 5 where no build says what it is, %s decides', (hostname, throws) => {
    vi.stubEnv('NODE_ENV', undefined);
    vi.stubGlobal('location', { hostname });
    const make = () => inspectOn({ to: 'stately' });
    if (throws) expect(make).toThrow(ConfigurationError);
    else expect(make).not.toThrow();
    vi.unstubAllGlobals();
  });
});

describe('an iframe', () => {
  function frameOn(url?: string) {
    const page = createPage();
    const frame = { contentWindow: createPeer(), src: '' };
    const to = frame as unknown as HTMLIFrameElement;
    return { page, frame, inspector: createInspectorIn(page.surroundings, { to, ...(url && { url }) }) };
  }

  it('issue 5 is given the viewer, and hears everything; no window is opened', async () => {
    const { page, frame, inspector } = frameOn();
    open({ inspector });
    await idle();
    expect(frame.src).toMatch(/^blob:/);
    page.connect(own, frame.contentWindow);
    expect(typesIn(frame.contentWindow.posted)).toEqual([...registered, ...sent]);
    expect(page.opened).toEqual([]);
    inspector.stop();
    expect(page.listeners).toBe(0);
  });

  it('issue 5 of a viewer elsewhere hears at its origin alone', async () => {
    const { page, frame, inspector } = frameOn('https://tools.example.com/viewer');
    open({ inspector });
    await idle();
    expect(frame.src).toBe('https://tools.example.com/viewer');
    page.connect('https://tools.example.com', frame.contentWindow);
    expect(frame.contentWindow.posted[0]?.origin).toBe('https://tools.example.com');
  });
});

describe('a WebSocket', () => {
  function socketTo(keepEvents = 500) {
    const { FakeSocket, sockets } = createSockets();
    const problems: string[] = [];
    const inspector = createTokenInspector({
      to: 'websocket',
      url: 'ws://127.0.0.1:1/secret/',
      WebSocket: FakeSocket,
      keepEvents,
      onProblem: ({ reason }) => void problems.push(reason),
    });
    return { inspector, sockets, problems };
  }

  it('issue 5 takes one event per message, those from before it was open first', async () => {
    const { inspector, sockets } = socketTo();
    const actor = open({ inspector });
    await idle();
    const [socket] = sockets;
    socket?.accept();
    actor.send({ type: 'shut' });
    await idle();
    const types = socket?.sent.map((text) => JSON.parse(text).type);
    expect(types).toEqual([...registered, ...sent, ...sent]);
  });

  it('issue 5 is tried again, later and later, and reported once; stop() ends that', async () => {
    vi.useFakeTimers();
    const { inspector, sockets, problems } = socketTo();
    for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      sockets.at(-1)?.fail();
      const before = sockets.length;
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(sockets).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets).toHaveLength(before + 1);
    }
    expect(problems).toEqual(['not-connected']);
    sockets.at(-1)?.accept();
    sockets.at(-1)?.fail();
    expect(problems).toHaveLength(2);
    inspector.stop();
    expect(vi.getTimerCount()).toBe(0);
    const count = sockets.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(count);
  });

  it('issue 5 a constructor that throws is a connection that failed', async () => {
    vi.useFakeTimers();
    const problems: string[] = [];
    let calls = 0;
    class Refused {
      constructor() {
        calls += 1;
        throw new Error('policy');
      }
    }
    const { stop } = createTokenInspector({
      to: 'websocket',
      url: 'wss://tools.example.com/',
      WebSocket: Refused as never,
      onProblem: ({ reason }) => void problems.push(reason),
    });
    await vi.advanceTimersByTimeAsync(500);
    expect([calls, problems]).toEqual([2, ['not-connected']]);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an inspector', () => {
  it('issue 5 where there is no window shows nothing, and says so', () => {
    const problems: string[] = [];
    const made = createTokenInspector({ to: 'window', onProblem: ({ reason }) => void problems.push(reason) });
    open({ inspector: made });
    expect([problems, made.open()]).toEqual([['no-window'], false]);
    made.stop();
  });

  it('issue 5 tells when things happened, not when the page had time to say so', async () => {
    vi.useFakeTimers({ now: 1_000, toFake: ['Date'] });
    const made = inspectOn({ to: 'window' });
    const actor = open(made, 0);
    vi.setSystemTime(5_000);
    actor.send({ type: 'open' });
    vi.setSystemTime(9_000);
    await idle();
    made.connect(own);
    const instants = made.peer.posted.map(({ message }) => (message as { createdAt: string }).createdAt);
    expect(instants).toEqual(['1000', '1000', '1000', '5000', '5000']);
  });

  it('issue 5 does not disturb what it looks at, and looks at what is there at the time', async () => {
    const made = inspectOn({ to: 'window' });
    const broken = { type: '@xstate.snapshot' } as unknown as InspectionEvent;
    expect(() => made.inspector.inspect.next(broken)).not.toThrow();
    const context = { list: ['before'] };
    const actor = createActor(createMachine({ id: 'a', context }), { inspect: made.inspector.inspect }).start();
    context.list.push('after');
    actor.stop();
    await idle();
    made.connect(own);
    const [first] = made.peer.posted.filter(({ message }) => (message as { type: string }).type === '@xstate.snapshot');
    expect(first?.message).toMatchObject({ snapshot: { context: { list: ['before'] } } });
  });

  it('issue 5 goes on with what a promise gives and with who gave it to whom', async () => {
    const made = inspectOn({ to: 'window' });
    const asking = createMachine({
      id: 'asking',
      invoke: { id: 'ask', src: fromPromise(async () => ({ answer: 42 })), onDone: {} },
    });
    createActor(asking, { inspect: made.inspector.inspect }).start();
    await idle();
    made.connect(own);
    const heard = () => made.peer.posted.map(({ message }) => message as Record<string, unknown>);
    // What ends the promise is told in its own time, which is another one in each Node.
    await vi.waitFor(() =>
      expect(heard().map(({ snapshot }) => snapshot)).toContainEqual(
        expect.objectContaining({ status: 'done', output: { answer: 42 } }),
      ),
    );
    const said = heard();
    const child = said.find(({ type, parentId }) => type === '@xstate.actor' && parentId !== undefined);
    const root = said[0]?.sessionId;
    expect(child).toMatchObject({ name: 'ask', parentId: root, rootId: root });
    const done = said.find(({ event }) => (event as { type?: string })?.type === 'xstate.done.actor.ask');
    expect(done).toMatchObject({ sourceId: child?.sessionId, sessionId: root });
  });
});
