/** `getState()`: one object per key, the same one while nothing changed. */
import type { TokenLifecycleError } from '../../machines/errors';
import type { Failure } from '../../machines/failure';
import { type SessionSnapshot, sameView, type TokenSnapshot, type TokenView, viewOf } from '../../machines/view';
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

export function createStateCell(first: LifecycleState): StateCell {
  let view: TokenView | null = null;
  let current = first;
  return {
    get current() {
      return current;
    },
    update: (session, token) => {
      const next = viewOf(session, token);
      if (view && sameView(view, next)) return false;
      view = next;
      const before = current;
      current = stateFrom(next);
      return before !== current;
    },
  };
}
