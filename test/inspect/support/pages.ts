/** Pages, windows and sockets as an inspector meets them, which keep all that they are sent. */
import type { InspectorProblem, TokenInspectorOptions } from '../../../adapters/inspect';
import { createInspectorIn, type Surroundings, type TokenInspector } from '../../../adapters/inspect/create';

type Hear = (event: Partial<MessageEvent>) => void;
export type Posted = { readonly message: unknown; readonly origin: string };

/** The window of a viewer. */
export function createPeer() {
  const posted: Posted[] = [];
  const replaced: string[] = [];
  return {
    posted,
    replaced,
    closed: false,
    location: { replace: (url: string) => void replaced.push(url) },
    postMessage: (message: unknown, origin: string) => {
      // As a browser does: what cannot be cloned is refused.
      posted.push({ message: structuredClone(message), origin });
    },
  };
}
export type Peer = ReturnType<typeof createPeer>;

/** A page with an application in it. */
export function createPage({ blocked = false, href = 'https://app.example.com/notes' } = {}) {
  const heard = new Set<Hear>();
  const opened: { readonly url: string; readonly name: string }[] = [];
  const peer = createPeer();
  const page = {
    addEventListener: (type: string, hear: Hear) => {
      if (type === 'message') heard.add(hear);
    },
    removeEventListener: (_: string, hear: Hear) => void heard.delete(hear),
    open: (url: string, name: string) => {
      opened.push({ url, name });
      return state.blocked ? null : peer;
    },
  };
  const state = { blocked };
  const surroundings: Surroundings = {
    page: page as unknown as NonNullable<Surroundings['page']>,
    address: { href, origin: new URL(href).origin },
    title: 'Notes',
    loadViewer: async () => '<!doctype html>',
  };
  return {
    state,
    peer,
    opened,
    surroundings,
    get listeners() {
      return heard.size;
    },
    /** Somebody posts to the page. */
    hear: (event: Partial<MessageEvent>) => {
      for (const one of heard) one(event);
    },
    /** The viewer has been loaded. */
    connect: (origin: string, source: unknown = peer) => {
      for (const one of heard) one({ data: { type: '@statelyai.connected' }, origin, source: source as Window });
    },
  };
}

/** A WebSocket constructor that keeps its sockets. */
export function createSockets() {
  class FakeSocket {
    readyState = 0;
    onopen: (() => void) | null = null;
    onclose: (() => void) | null = null;
    onerror: (() => void) | null = null;
    readonly sent: string[] = [];
    constructor(readonly url: string) {
      sockets.push(this);
    }
    send(text: string): void {
      this.sent.push(text);
    }
    close(): void {
      this.readyState = 3;
      this.onclose?.();
    }
    accept(): void {
      this.readyState = 1;
      this.onopen?.();
    }
    fail(): void {
      this.readyState = 3;
      this.onerror?.();
      this.onclose?.();
    }
  }
  const sockets: FakeSocket[] = [];
  return { FakeSocket, sockets };
}

export type Made = ReturnType<typeof createPage> & {
  readonly inspector: TokenInspector;
  readonly problems: InspectorProblem[];
};

/** An inspector on a page of its own. */
export function inspectOn(
  options: Omit<TokenInspectorOptions, 'to'> & { readonly to: 'window' | 'stately' },
  pageOptions: Parameters<typeof createPage>[0] = {},
): Made {
  const page = createPage(pageOptions);
  const problems: InspectorProblem[] = [];
  const inspector = createInspectorIn(page.surroundings, { onProblem: (one) => void problems.push(one), ...options });
  return Object.assign(page, { inspector, problems });
}

/** The library says things when the page is idle. Here that is a timer of 0 ms. */
export const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
