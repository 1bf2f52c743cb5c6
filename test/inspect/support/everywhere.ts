/** One observer that shows to every target at once, and keeps all that left. */
import type { InspectionEvent } from 'xstate';
import { createInspectorIn } from '../../../adapters/inspect/create';
import { createPage, createPeer, createSockets, idle, inspectOn } from './pages';

export function createEverywhere() {
  const hosted = inspectOn({ to: 'stately' });
  hosted.connect('https://stately.ai');
  const own = inspectOn({ to: 'window', keepEvents: 10_000 });
  const around = createPage();
  const frame = { contentWindow: createPeer(), src: '' };
  const framed = createInspectorIn(around.surroundings, { to: frame as unknown as HTMLIFrameElement });
  around.connect('https://app.example.com', frame.contentWindow);
  const { FakeSocket, sockets } = createSockets();
  const sending = createInspectorIn(around.surroundings, {
    to: 'websocket',
    url: 'ws://127.0.0.1:1/path',
    WebSocket: FakeSocket,
  });
  sockets[0]?.accept();
  const inspectors = [hosted.inspector, own.inspector, framed, sending];

  return {
    inspect: (event: InspectionEvent): void => {
      for (const { inspect } of inspectors) inspect.next(event);
    },
    /** What left, as text, by target. The one of the window is asked for at the very end: until then it is kept. */
    collect: async (): Promise<Readonly<Record<'stately' | 'window' | 'iframe' | 'websocket', readonly string[]>>> => {
      await idle();
      own.connect('https://app.example.com');
      const textsOf = (posted: readonly unknown[]) => posted.map((one) => JSON.stringify(one));
      return {
        stately: textsOf(hosted.peer.posted),
        window: textsOf(own.peer.posted),
        iframe: textsOf(frame.contentWindow.posted),
        websocket: sockets[0]?.sent ?? [],
      };
    },
    stop: () => {
      for (const { stop } of inspectors) stop();
    },
  };
}
