/** An application that is inspected, in virtual time. What a test needs of it is in `window.app`. */
import { memoryChannel } from '../../../adapters/channel/memory';
import { createTokenInspector, type InspectorProblem, type TokenInspectorOptions } from '../../../adapters/inspect';
import { memoryLock } from '../../../adapters/lock/memory';
import { memoryStore } from '../../../adapters/store/memory';
import { createTokenServer, createVirtualClock } from '../../../adapters/testing';
import { createTokenLifecycle } from '../../../index';

function createApp() {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, signing: 'HS256' });
  const problems: InspectorProblem['reason'][] = [];
  let inspector: ReturnType<typeof createTokenInspector> | undefined;

  return {
    problems,
    tokens: [] as string[],
    begin(options: TokenInspectorOptions): void {
      inspector = createTokenInspector({ ...options, onProblem: ({ reason }) => void problems.push(reason) });
    },
    beginInFrame: (): void => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.style.cssText = 'width: 1000px; height: 700px';
      app.begin({ to: frame });
    },
    open: () => inspector?.open(),
    stop: () => inspector?.stop(),
    /** Signs in, refreshes, and sits out an outage. */
    async run(): Promise<void> {
      const tokens = createTokenLifecycle({
        session: { id: 'sess_1' },
        clock,
        // Those of the browser take real time, which this clock does not give them.
        store: memoryStore(),
        lock: memoryLock({ clock }),
        channel: memoryChannel(),
        source: server.source(),
        ...(inspector && { inspect: inspector.inspect }),
      });
      tokens.on('token.updated', () => app.tokens.push(tokens.peek() ?? ''));
      tokens.start();
      await clock.advance(100);
      await clock.advance(55_000);
      server.respondWith({ do: 'status', status: 503 });
      await clock.advance(60_000);
    },
  };
}

const app = createApp();
export type App = typeof app;
Object.assign(window, { app });

// As applications do, when the page is loaded: nobody has clicked anything yet.
const url = new URLSearchParams(location.search).get('viewer');
if (url !== null) app.begin({ to: 'window', ...(url !== '' && { url }) });
