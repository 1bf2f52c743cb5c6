/** `createTokenInspector`. */
import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import type { InspectionEvent, Observer } from 'xstate';
import { readInspectorOptions, readSocketUrl, readViewerPlace, type TokenInspectorOptions } from './options';
import { redactInspection } from './redact/event';
import { cleanText } from './redact/text';
import { type Sender, seal } from './seal';
import { frameTarget } from './targets/frame';
import { socketTarget } from './targets/socket';
import type { Target } from './targets/target';
import { loadViewerPage } from './targets/viewer-url';
import { type OpeningPage, windowTarget } from './targets/window';
import { followTransitions } from './transitions';

export type TokenInspector = {
  /** For `createTokenLifecycle({ inspect })`, and for `createActor(machine, { inspect })` of any machine. */
  readonly inspect: Observer<InspectionEvent> & { next(event: InspectionEvent): void };
  /**
   * Opens the window again: from a click where it was blocked, or after somebody closed it. For a frame, loads the viewer anew.
   *
   * @returns whether there is one
   */
  open(): boolean;
  /** Ends it: the viewer is told, nothing is sent, listened to or armed afterwards. */
  stop(): void;
} & Disposable;

/** What there is around: a page, or none. */
export type Surroundings = {
  readonly page: OpeningPage | undefined;
  readonly address: Pick<Location, 'href' | 'origin'>;
  readonly title: string;
  readonly loadViewer: () => Promise<string>;
};

const nowhere: Target = { start: () => {}, open: () => false, send: () => {}, stop: () => {} };

function lookAround(): Surroundings {
  const processId = typeof process === 'undefined' ? undefined : process.pid;
  return {
    page: typeof window === 'undefined' ? undefined : window,
    address: typeof location === 'undefined' ? { href: '', origin: 'null' } : location,
    title: typeof document === 'undefined' ? `node ${processId ?? ''}`.trim() : document.title || 'untitled page',
    loadViewer: loadViewerPage,
  };
}

function chooseTarget(options: TokenInspectorOptions, around: Surroundings): Target {
  const { to, frame, url, report, keepEvents, WebSocket } = readInspectorOptions(options);
  if (to === 'websocket') return socketTarget({ url: readSocketUrl(url), WebSocket, keepEvents, report });
  const { page, loadViewer } = around;
  if (!page) {
    report({ reason: 'no-window', message: "There is no window here: nothing is shown. To 'websocket' works." });
    return nowhere;
  }
  const common = { page, keepEvents, report, loadViewer, ...readViewerPlace(url, around.address) };
  return frame ? frameTarget({ ...common, frame }) : windowTarget(common);
}

/** Ids of pages must differ, nothing more; `crypto.randomUUID` is missing in insecure contexts. */
const drawId = (): string => Math.random().toString(36).slice(2, 10);

export function createInspectorIn(around: Surroundings, options: TokenInspectorOptions): TokenInspector {
  const target = chooseTarget(options, around);
  const source: Sender = { id: drawId(), label: cleanText(options.name ?? around.title, 'chart') };
  /** When something happened, by the part of it that goes through the library untouched. */
  const instants = new WeakMap<object, number>();
  const followed = followTransitions();
  const transitions = new WeakMap<object, readonly string[]>();
  let stopped = false;

  const instantOf = (event: StatelyInspectionEvent): number =>
    instants.get(event.type === '@xstate.event' ? event.event : (event.snapshot as object)) ??
    instants.get('event' in event ? event.event : {}) ??
    Number(event.createdAt);

  const inspector = createInspector(
    // What the library has put off until the page is idle may come after the end.
    { send: (event) => (stopped ? undefined : target.send(event)) },
    {
      serialize: (event) =>
        seal(event, {
          at: instantOf(event),
          source,
          transitions: 'event' in event ? transitions.get(event.event) : undefined,
        }),
      // The redaction has bounds of its own; a chart is deeper than the default of 10.
      serializationDepthLimit: 60,
    },
  );

  /** Redacted at once: whatever waits for its turn holds no secret, and cannot change meanwhile. */
  function next(event: InspectionEvent): void {
    if (stopped) return;
    try {
      followed.see(event);
      const safe = redactInspection(event);
      if (!safe) return;
      if (event.type === '@xstate.snapshot' && safe.type === event.type) {
        const taken = followed.take(event);
        if (taken) transitions.set(safe.event, taken);
      }
      instants.set(safe.type === '@xstate.actor' ? safe.actorRef.getSnapshot() : safe.event, Date.now());
      inspector.inspect.next?.(safe as unknown as InspectionEvent);
    } catch {
      // Whoever is looked at must not notice.
    }
  }

  function stop(): void {
    if (stopped) return;
    stopped = true;
    target.stop();
  }

  target.start();
  return { inspect: { next }, open: target.open, stop, [Symbol.dispose]: stop };
}

/**
 * Shows running machines in an inspector, without a secret in what is shown: every token, cookie and credential, and
 * whatever else is not known to be harmless, is a fingerprint (the first 8 hex digits of its SHA-256) before it leaves (S11).
 *
 * It sees every machine whose `inspect` it is given to, a lifecycle or any other.
 *
 * @param options `to` (`'stately'`, `'window'`, `'websocket'` or an iframe), `url`, `name`, `keepEvents` (default 500
 *   events), `onProblem`, `WebSocket`, `dangerouslyInspectInProduction`; see `TokenInspectorOptions`
 * @throws ConfigurationError for an option that cannot work, and for `'stately'` in a production build
 * @example
 * const inspector = createTokenInspector({ to: 'window' });
 * const tokens = createTokenLifecycle({ source, inspect: inspector.inspect });
 */
export function createTokenInspector(options: TokenInspectorOptions): TokenInspector {
  return createInspectorIn(lookAround(), options);
}
