import { useTokenState } from '../../../../adapters/react';
import type { LifecycleState } from '../../../../index';
import { countdown, offset } from '../model/format';
import { Fact, Panel } from './panel';
import { useNow } from './use-now';

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

function NextAttempt({ at }: { readonly at: number | null }) {
  const now = useNow();
  return at === null ? 'none planned' : `in ${countdown(at - now)}`;
}

/** What `getState()` says. */
export function Facts() {
  const state = useTokenState((whole) => whole);
  const { substate, status, outage, attempt, nextAttemptAt, clockOffsetMs, error } = state;
  return (
    <Panel title={<code>tokens.getState()</code>}>
      <dl className="facts">
        <Fact name="Status" slot="status" live>
          {outage ? `${status}, in an outage` : status}
        </Fact>
        <Fact name="Part" slot="part">
          {substate ?? '–'}
        </Fact>
        <Fact name="Readers get" slot="serving">
          {servingText(state)}
        </Fact>
        <Fact name="Attempt" slot="attempt">
          {attempt > 0 ? `number ${attempt}` : 'none'}
        </Fact>
        <Fact name="Next attempt" slot="next-attempt">
          <NextAttempt at={nextAttemptAt} />
        </Fact>
        <Fact name="Server clock" slot="clock-offset">
          {offset(clockOffsetMs)}
        </Fact>
        <Fact name="Last error" slot="error" title={error?.message}>
          {errorText(error)}
        </Fact>
      </dl>
    </Panel>
  );
}
