import { useSyncExternalStore } from 'react';
import { useTokenLifecycle } from '../../../../adapters/react';
import { Panel } from './panel';

/** Why it is as it is, in prose. */
export function Explanation() {
  const tokens = useTokenLifecycle();
  useSyncExternalStore(tokens.subscribe, tokens.getState);
  return (
    <Panel title={<code>tokens.explain()</code>} className="why">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to be reachable with the keyboard. */}
      <p className="explanation" id="explain" tabIndex={0}>
        {tokens.explain()}
      </p>
    </Panel>
  );
}
