/** Hears inspectors in other windows: the opener, the page around this frame, and tabs that reuse this window. */
import { createBrowserReceiver } from '@statelyai/inspect';
import { isDisconnect } from '../protocol';
import { ownLabel, type Received } from '../trace/types';

type Hear = (received: Received) => void;

/**
 * A stand-in for `window`, since the receiver does not tell who posts: it notes the sender before the receiver is called.
 * `opener` and `parent` are the real ones: to them the receiver says that it is there.
 */
function overheard(real: Window, note: (sender: MessageEventSource | null) => void): Window {
  const addEventListener = (type: string, listener: (event: MessageEvent) => void): void => {
    real.addEventListener(type, (event) => {
      note((event as MessageEvent).source);
      listener(event as MessageEvent);
    });
  };
  const isTop = real.self === real.top;
  const stand = { addEventListener, self: real, top: isTop ? real : null, opener: real.opener, parent: real.parent };
  return stand as unknown as Window;
}

/**
 * Starts to listen. To be called when the page has loaded: an inspector with an iframe knows where to send only after that.
 *
 * @param name a prefix for sources, unique to this page
 * @returns true where somebody is there who could send: an opener, or a page around
 */
export function receiveFromWindows(real: Window, name: string, hear: Hear): boolean {
  const names = new Map<MessageEventSource, string>();
  let sender: MessageEventSource | null = null;
  const nameOf = (source: MessageEventSource | null): string => {
    if (source === null) return name;
    const known = names.get(source) ?? `${name}-${names.size + 1}`;
    names.set(source, known);
    return known;
  };
  createBrowserReceiver({ window: overheard(real, (source) => (sender = source)) }).subscribe((data) => {
    if (sender === real) return;
    hear({ source: nameOf(sender), label: ownLabel, data });
  });
  // The receiver keeps this one to itself.
  real.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== real && isDisconnect(data)) hear({ source: nameOf(source), label: ownLabel, data });
  });
  return real.self === real.top ? real.opener !== null : true;
}
