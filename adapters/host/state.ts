/** `getState()`: one object per key, the same one while nothing changed. */
import type { TokenLifecycleError } from '../../machines/errors';
import type { Failure } from '../../machines/failure';
import {
  blankView,
  type SessionSnapshot,
  sameView,
  type TokenSnapshot,
  type TokenView,
  viewOf,
} from '../../machines/view';
import { errorFor } from './failures';
import type { LifecycleState } from './types';

export type StateCell = {
  readonly current: LifecycleState;
  /** True where something that users can see has changed. */
  update(session: SessionSnapshot, token: TokenSnapshot | undefined): boolean;
};

const errors = new WeakMap<Failure, TokenLifecycleError>();

/** One error object per failure, so that equal states stay equal. */
function errorOf(failure: Failure, details: { attempt: number; nextAttemptAt: number | null }): TokenLifecycleError {
  const known = errors.get(failure) ?? errorFor(failure, details);
  errors.set(failure, known);
  return known;
}

function stateFrom(view: TokenView): LifecycleState {
  const { failure, ...rest } = view;
  return Object.freeze({ ...rest, error: failure ? errorOf(failure, view) : null });
}

/** The state before anything is known. */
export const blankState: LifecycleState = stateFrom(blankView);

export function createStateCell(first: LifecycleState): StateCell {
  const { error: _, ...known } = first;
  let view: TokenView = { ...known, failure: null };
  let current = first;
  return {
    get current() {
      return current;
    },
    update: (session, token) => {
      const next = viewOf(session, token);
      if (sameView(view, next)) return false;
      view = next;
      current = stateFrom(next);
      return true;
    },
  };
}

/** The states of all keys: the session's own, and whatever else was read or asked for. */
export type States = {
  readonly own: LifecycleState;
  of(id: string, session: SessionSnapshot, token: TokenSnapshot | undefined): LifecycleState;
  /** True where one of them has changed. `tokens`: the machines by key. */
  update(session: SessionSnapshot, own: string | null, tokens: ReadonlyMap<string, TokenSnapshot>): boolean;
};

export function createStates(first: LifecycleState): States {
  const own = createStateCell(first);
  const others = new Map<string, StateCell>();
  /** Somebody looked in the middle of a transition: the others are told all the same. */
  let isUntold = false;
  const cellOf = (id: string): StateCell => {
    const cell = others.get(id) ?? createStateCell(blankState);
    others.set(id, cell);
    return cell;
  };
  return {
    get own() {
      return own.current;
    },
    of: (id, session, token) => {
      const cell = cellOf(id);
      isUntold = cell.update(session, token) || isUntold;
      return cell.current;
    },
    update: (session, active, tokens) => {
      for (const id of tokens.keys()) if (id !== active) cellOf(id);
      let isNew = own.update(session, active === null ? undefined : tokens.get(active)) || isUntold;
      for (const [id, cell] of others) isNew = cell.update(session, tokens.get(id)) || isNew;
      isUntold = false;
      return isNew;
    },
  };
}
