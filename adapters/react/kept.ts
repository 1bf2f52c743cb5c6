/** What keeps components still: a value is replaced only by one that differs. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

export type Equal<Value> = (a: Value, b: Value) => boolean;

/** A value in a box, since `undefined` is a value too. */
type Box<Value> = { readonly value: Value };

/** Gives the last value once more where the next one is equal: React compares by identity. */
export function createKeeper<Value>(equal: Equal<Value>, last: Box<Value> | null = null): (value: Value) => Value {
  let kept = last;
  return (value) => {
    if (!kept || !equal(kept.value, value)) kept = { value };
    return kept.value;
  };
}

/** `select` of what `read` gives, worked out once per object that it gives: a selector may make new objects each time. */
export function selecting<State, Value>(read: () => State, select: (state: State) => Value): () => Value {
  let seen: { readonly state: State; readonly value: Value } | null = null;
  return () => {
    const state = read();
    if (!seen || !Object.is(seen.state, state)) seen = { state, value: select(state) };
    return seen.value;
  };
}

/**
 * `useSyncExternalStore` whose value stays the same object while it is equal, also where the readers are new with each render
 * (a selector written in place).
 */
export function useKept<Value>(
  subscribe: (listener: () => void) => () => void,
  read: () => Value,
  readOnServer: () => Value,
  equal: Equal<Value>,
): Value {
  const committed = useRef<Box<Value> | null>(null);
  const [now, onServer] = useMemo(() => {
    // One for both: where server and browser agree, taking over the page changes nothing.
    const keep = createKeeper(equal, committed.current);
    return [() => keep(read()), () => keep(readOnServer())];
  }, [read, readOnServer, equal]);
  const value = useSyncExternalStore(subscribe, now, onServer);
  useEffect(() => {
    committed.current = { value };
  }, [value]);
  return value;
}
