/** Cache and store as the tabs of one browser share them, or do not. */
import type { Clock, SharedRecord, SharedStore, TokenCache } from '../../../machines/ports';
import { createAliases } from './aliases';
import type { StorageFault, WorldFaults } from './faults';
import type { Process } from './process';
import type { Recorder } from './recorder';

type Shared = { readonly clock: Clock; readonly faults: WorldFaults; readonly recorder: Recorder };

const forever = <T>(): Promise<T> => new Promise(() => {});

const failures = {
  throws: () => new DOMException('The operation is insecure.', 'SecurityError'),
  full: () => new DOMException('The quota has been exceeded.', 'QuotaExceededError'),
};

/** An operation of a tab's storage, with whatever befalls it. Its effect and its answer come together. */
export type Operate = <T>(operation: string, act: () => T) => Promise<T>;

/** What a fault is called in the trace. */
const nameOf = (fault: StorageFault): string => (typeof fault === 'string' ? fault : 'is slow');

export function createOperate(shared: Shared, tab: number, adapter: 'cache' | 'store', process: Process): Operate {
  const { clock, faults, recorder } = shared;
  return async (operation, act) => {
    if (process.state === 'dead') return forever();
    const fault = faults.storage?.({ tab, adapter, operation });
    if (!fault) return process.state === 'running' ? act() : process.gate(Promise.resolve().then(act));
    recorder.note(tab, { is: 'fault', fault: `${adapter} ${nameOf(fault)}`, detail: operation });
    if (fault === 'hangs') return forever();
    if (typeof fault === 'string') throw failures[fault]();
    await process.gate(
      new Promise<void>((resolve) => {
        clock.setTimeout(resolve, fault.delayMs);
      }),
    );
    return act();
  };
}

/** What a tab sees of a store. */
type View = {
  read(name: string): SharedRecord | undefined;
  write(name: string, record: SharedRecord | undefined): void;
};

/** How long a hint takes to reach other tabs, in ms. */
const hintMs = 5;

/** @param consistency `hint`: what one tab writes is old news in the others for some ms, as with web storage */
export function createStores(shared: Shared, consistency: SharedStore['consistency']) {
  const truth = new Map<string, SharedRecord | undefined>();
  const alias = createAliases();

  function orderedView(): View {
    return { read: (name) => truth.get(name), write: (name, record) => void truth.set(name, record) };
  }

  const lagging = new Set<Map<string, SharedRecord | undefined>>();
  function hintView(): View {
    const own = new Map(truth);
    lagging.add(own);
    return {
      read: (name) => own.get(name),
      write: (name, record) => {
        truth.set(name, record);
        own.set(name, record);
        shared.clock.setTimeout(() => {
          for (const other of lagging) if (other !== own) other.set(name, record);
        }, hintMs);
      },
    };
  }

  return {
    /** The record under a name, as it is in truth. */
    truth: (name: string): SharedRecord | undefined => truth.get(name),
    tab: (tab: number, process: Process): SharedStore => {
      const operate = createOperate(shared, tab, 'store', process);
      const view = consistency === 'ordered' ? orderedView() : hintView();
      return {
        consistency,
        read: (name) => operate('read', () => view.read(name)),
        update: (name, change) =>
          operate('update', () => {
            const record = change(view.read(name));
            view.write(name, record);
            shared.recorder.note(tab, { is: 'store', name, record: record ? alias(record) : null });
            return record;
          }),
      };
    },
  };
}

export type Stores = ReturnType<typeof createStores>;

/** @param isShared false: each tab has a cache of its own, which ends with it */
export function createCaches(shared: Shared, isShared: boolean) {
  const { recorder } = shared;
  const common = new Map<string, string>();
  return {
    /** Puts something into the shared cache, as a sign-in page would. */
    put: (key: string, value: string): void => {
      common.set(key, value);
      recorder.note(null, { is: 'cache', did: 'set', key, value: recorder.eyes.value(value) });
    },
    tab: (tab: number, process: Process): TokenCache => {
      const operate = createOperate(shared, tab, 'cache', process);
      const values = isShared ? common : new Map<string, string>();
      return {
        get: (key) => operate('get', () => values.get(key)),
        set: (key, value) =>
          operate('set', () => {
            values.set(key, value);
            recorder.note(tab, { is: 'cache', did: 'set', key, value: recorder.eyes.value(value) });
          }),
        deleteAll: (prefix) =>
          operate('deleteAll', () => {
            for (const [key, value] of values) {
              if (!key.startsWith(prefix)) continue;
              values.delete(key);
              recorder.note(tab, { is: 'cache', did: 'deleted', key, value: recorder.eyes.value(value) });
            }
          }),
      };
    },
  };
}

export type Caches = ReturnType<typeof createCaches>;
