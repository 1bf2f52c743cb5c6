import type { LifecycleState } from '../../../../index';
import { slot } from './dom';
import { countdown, offset } from './format';

/** What an error says in a word or two; its message is the tooltip. */
function errorText(error: LifecycleState['error']): string {
  if (!error) return 'none';
  const { status, serverCode } = error as { status?: unknown; serverCode?: unknown };
  const detail = [status, serverCode].filter((part) => part !== undefined).join(' ');
  return detail || error.code;
}

function servingText({ state, serving }: LifecycleState): string {
  if (state === 'signed-out') return 'null, at once';
  return serving ? 'the held token, at once' : 'the next token, or an error';
}

/** The facts beside the state's name. */
export function createFactsView(): { update(state: LifecycleState): void; tick(nowMs: number): void } {
  const part = slot('part');
  const status = slot('status');
  const serving = slot('serving');
  const attempt = slot('attempt');
  const nextAttempt = slot('next-attempt');
  const clockOffset = slot('clock-offset');
  const error = slot('error');
  let nextAttemptAt: number | null = null;

  return {
    update: (state) => {
      document.title = `${state.state} · token-lifecycle`;
      document.documentElement.dataset.state = state.state;
      document.documentElement.dataset.status = state.status;
      part(state.substate ?? '–');
      status(state.outage ? `${state.status}, in an outage` : state.status);
      serving(servingText(state));
      attempt(state.attempt > 0 ? `number ${state.attempt}` : 'none');
      clockOffset(offset(state.clockOffsetMs ?? 0));
      error(errorText(state.error), state.error?.message);
      nextAttemptAt = state.nextAttemptAt;
    },
    tick: (nowMs) => {
      nextAttempt(nextAttemptAt === null ? 'none planned' : `in ${countdown(nextAttemptAt - nowMs)}`);
    },
  };
}
