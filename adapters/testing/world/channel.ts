/** Messages between the tabs: one bus, and what each tab sees of it. */
import type { Clock, TokenChannel } from '../../../machines/ports';
import type { ValueSeen } from '../trace';
import type { MessageFault, WorldFaults } from './faults';
import type { Process } from './process';
import type { Recorder } from './recorder';

type Shared = { readonly clock: Clock; readonly faults: WorldFaults; readonly recorder: Recorder };

/** What a message takes. */
const messageMs = 1;

/** A page in the back/forward cache may be evicted from it. */
export type CachedPage = { isCached(): boolean; evict(): void };

type Port = {
  readonly tab: number;
  readonly process: Process;
  readonly page: CachedPage;
  readonly listeners: Set<(message: unknown) => void>;
  suspended: boolean;
};

const fieldOf = (message: unknown, name: string): unknown =>
  typeof message === 'object' && message !== null ? (message as Record<string, unknown>)[name] : undefined;

export function createBus({ clock, faults, recorder }: Shared, carriesTokens: boolean) {
  const ports = new Set<Port>();
  const { eyes } = recorder;
  let lastId = 0;

  const kindOf = (message: unknown): string | null => {
    const kind = fieldOf(message, 'is');
    return typeof kind === 'string' ? kind : null;
  };
  const tokenIn = (message: unknown): ValueSeen | null => {
    const token = fieldOf(message, 'token');
    return token === undefined ? null : eyes.value(token);
  };

  function note(tab: number | null, did: 'posted' | 'delivered' | 'dropped' | 'forged', id: number, message: unknown) {
    recorder.note(tab, { is: 'message', id, did, kind: kindOf(message), value: tokenIn(message) });
  }

  function deliver(port: Port, id: number, message: unknown): void {
    if (port.page.isCached() && !port.suspended && port.listeners.size > 0) {
      note(port.tab, 'dropped', id, message);
      port.page.evict();
      return;
    }
    port.process.task(() => {
      const heard = ports.has(port) && !port.suspended && port.listeners.size > 0;
      note(port.tab, heard ? 'delivered' : 'dropped', id, message);
      if (heard) for (const tell of [...port.listeners]) tell(message);
    });
  }

  function noteFault(port: Port, { lose, delayMs, copies }: MessageFault, kind: string | null): void {
    const fault = lose
      ? 'lost'
      : copies !== undefined && copies !== 1
        ? `sent ${copies} times`
        : delayMs
          ? 'late'
          : null;
    if (fault)
      recorder.note(port.tab, { is: 'fault', fault: `message ${fault}`, ...(kind !== null && { detail: kind }) });
  }

  function send(from: number | null, id: number, message: unknown, to: Iterable<Port>): void {
    const kind = kindOf(message);
    for (const port of to) {
      const fault = faults.message?.({ from, to: port.tab, kind }) ?? {};
      noteFault(port, fault, kind);
      if (fault.lose) {
        note(port.tab, 'dropped', id, message);
        continue;
      }
      for (let copy = 0; copy < (fault.copies ?? 1); copy += 1) {
        clock.setTimeout(() => deliver(port, id, message), messageMs + (fault.delayMs ?? 0));
      }
    }
  }

  return {
    /** A message from nobody we know, to all tabs: any script on the origin can send one. */
    forge: (message: unknown): void => {
      lastId += 1;
      const sent = structuredClone(message);
      note(null, 'forged', lastId, sent);
      send(null, lastId, sent, ports);
    },
    tab: (tab: number, process: Process, page: CachedPage): TokenChannel & { readonly listeners: number } => {
      const port: Port = { tab, process, page, listeners: new Set(), suspended: false };
      ports.add(port);
      return {
        carriesTokens,
        post: (message) => {
          if (process.state === 'dead' || port.suspended) return;
          lastId += 1;
          const id = lastId;
          // A real channel copies, and refuses what cannot be copied.
          const sent: unknown = structuredClone(message);
          note(tab, 'posted', id, sent);
          send(
            tab,
            id,
            sent,
            [...ports].filter((other) => other !== port && other.process.state !== 'dead'),
          );
        },
        subscribe: (listener) => {
          const entry = (message: unknown): void => listener(message);
          port.listeners.add(entry);
          return () => port.listeners.delete(entry);
        },
        suspend: () => {
          port.suspended = true;
        },
        resume: () => {
          port.suspended = false;
        },
        dispose: () => {
          ports.delete(port);
        },
        get listeners() {
          return port.listeners.size;
        },
      };
    },
  };
}

export type Bus = ReturnType<typeof createBus>;
