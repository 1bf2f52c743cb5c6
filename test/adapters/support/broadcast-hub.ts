import type { BroadcastChannelLike } from '../../../adapters/channel/broadcast';

/** The broadcast channels of one origin, and what becomes of them. */
export type BroadcastHub = {
  readonly BroadcastChannel: new (name: string) => BroadcastChannelLike;
  /** Channels that are open, as a browser would count them before it keeps a page. */
  readonly open: number;
  readonly constructed: number;
  /** An event that is no message: what could not be deserialized. */
  garble(name: string): void;
};

export function createBroadcastHub(): BroadcastHub {
  const open = new Set<Channel>();
  let constructed = 0;

  class Channel implements BroadcastChannelLike {
    onmessage: ((event: MessageEvent) => void) | null = null;
    onmessageerror: (() => void) | null = null;
    constructor(readonly name: string) {
      constructed += 1;
      open.add(this);
    }
    postMessage(message: unknown): void {
      if (!open.has(this)) throw new DOMException('Channel is closed', 'InvalidStateError');
      const data: unknown = structuredClone(message);
      for (const other of open) {
        if (other === this || other.name !== this.name) continue;
        // Delivered to a closed one as well: some browsers are that late.
        void Promise.resolve().then(() => other.onmessage?.({ data: structuredClone(data) } as MessageEvent));
      }
    }
    close(): void {
      open.delete(this);
    }
  }

  return {
    BroadcastChannel: Channel,
    get open() {
      return open.size;
    },
    get constructed() {
      return constructed;
    },
    garble: (name) => {
      for (const channel of open) if (channel.name === name) channel.onmessageerror?.();
    },
  };
}
