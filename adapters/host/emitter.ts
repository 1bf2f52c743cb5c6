import type { Unsubscribe } from '../../machines/ports';

/** An unsubscribe function in both shapes that libraries ask for. */
export function unsubscriber(leave: () => void): Unsubscribe {
  return Object.assign(() => leave(), { unsubscribe: () => leave() });
}

export type Emitter<Events> = {
  on<Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void): Unsubscribe;
  emit<Type extends keyof Events>(type: Type, event: Events[Type]): void;
};

/** Tells listeners of one type, in order. One that throws disturbs neither the others nor the lifecycle (`onError`). */
export function createEmitter<Events>(onError: (error: unknown) => void): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on: (type, listener) => {
      const own = (event: Parameters<typeof listener>[0]) => listener(event);
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(own));
      return unsubscriber(() => set.delete(own));
    },
    emit: (type, event) => {
      for (const listener of [...(listeners.get(type) ?? [])]) {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
