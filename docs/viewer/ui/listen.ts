/** All the ways by which events come to this page. */
import { disconnected } from '../protocol';
import { joinNeighbours } from '../receive/neighbours';
import { receiveFromRelay, relayAddress } from '../receive/websocket';
import { receiveFromWindows } from '../receive/window';
import type { Received } from '../trace/types';
import type { Hearing } from './toolbar';

export type Ears = {
  readonly hear: (batch: readonly Received[]) => void;
  readonly tell: (change: Partial<Hearing>) => void;
  /** Says why something is not listened to. */
  readonly refuse: (reason: string) => void;
};

/** @returns ends what can be ended */
export type Listen = (ears: Ears) => () => void;

/** A burst of events is drawn once. */
const gatherMs = 30;
/** What a viewer that comes later is told. */
const keptForOthers = 2_000;

const randomName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16)).join('');

function gather(pass: (batch: readonly Received[]) => void): (received: Received) => void {
  let batch: Received[] = [];
  return (received) => {
    if (batch.length === 0) {
      setTimeout(() => {
        const full = batch;
        batch = [];
        pass(full);
      }, gatherMs);
    }
    batch.push(received);
  };
}

/** Listens on `page`: once it has loaded, since an inspector that made this frame waits for that. */
export function listenOn(page: Window): Listen {
  return ({ hear, tell, refuse }) => {
    const name = randomName();
    const own: Received[] = [];
    const neighbours = joinNeighbours(name, () => own, hear);
    const firstHand = gather((batch) => {
      own.push(...batch);
      own.splice(0, own.length - keptForOthers);
      hear(batch);
      neighbours.share(batch);
    });
    const start = (): void => {
      tell({ window: receiveFromWindows(page, name, firstHand) });
    };
    // One task later: the frame's own `load` event in the page around comes first.
    const whenLoaded = (): void => void page.setTimeout(start);
    if (page.document.readyState === 'complete') whenLoaded();
    else page.addEventListener('load', whenLoaded, { once: true });

    const sayGoodbye = (): void => {
      const sources = new Set(own.map(({ source }) => source));
      neighbours.share([...sources].map((source) => ({ source, data: { type: disconnected } })));
    };
    page.addEventListener('pagehide', sayGoodbye);
    try {
      const relay = relayAddress(page.location.href);
      if (relay !== null)
        receiveFromRelay(
          relay,
          gather((batch) => hear(batch)),
          (status) => tell({ relay: status }),
        );
    } catch (error) {
      refuse(error instanceof TypeError ? error.message : 'The address of the relay cannot be read.');
    }
    return () => page.removeEventListener('pagehide', sayGoodbye);
  };
}
