/** Hears inspectors in other processes, by a relay on this computer. */
import type { Received } from '../trace/types';

export type RelayStatus = 'connecting' | 'open' | 'closed';

const loopback = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;
const firstPauseMs = 500;
const longestPauseMs = 8_000;

/**
 * The relay that the page's address names: `?ws=ws://127.0.0.1:8080/secret`, or `?ws` alone for the server that the page
 * came from.
 *
 * @returns `null` where the address names none
 * @throws TypeError for a relay that is not on this computer: what an application is doing is nobody else's business
 */
export function relayAddress(page: string): string | null {
  const address = new URL(page);
  const asked = address.searchParams.get('ws');
  if (asked === null) return null;
  const relay = asked === '' ? new URL(address.pathname, address) : new URL(asked, address);
  if (asked === '') relay.protocol = 'ws:';
  if (relay.protocol !== 'ws:' || !loopback.test(relay.hostname)) {
    throw new TypeError('Only a relay on this computer is listened to: ws://127.0.0.1:….');
  }
  return relay.href;
}

/** One event per frame, or several as an array. */
function read(frame: unknown): readonly unknown[] {
  if (typeof frame !== 'string') return [];
  try {
    const value: unknown = JSON.parse(frame);
    return Array.isArray(value) ? value : [value];
  } catch {
    return [];
  }
}

/** Connects, and connects again with growing pauses whenever the relay goes away. */
export function receiveFromRelay(
  url: string,
  hear: (received: Received) => void,
  tell: (status: RelayStatus) => void,
): void {
  let pauseMs = firstPauseMs;
  const connect = (): void => {
    tell('connecting');
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => {
      pauseMs = firstPauseMs;
      tell('open');
    });
    socket.addEventListener('message', ({ data }) => {
      for (const one of read(data)) hear({ source: 'relay', data: one });
    });
    socket.addEventListener('close', () => {
      tell('closed');
      setTimeout(connect, pauseMs);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    });
  };
  connect();
}
