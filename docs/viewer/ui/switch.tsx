import type { ReactNode } from 'react';
import type { PanelProps } from './panel';

/** The two drawings share a place. */
export function DrawingSwitch({ state, dispatch }: PanelProps): ReactNode {
  const shown = state.panel === 'sequence' ? 'sequence' : 'chart';
  return (
    <div className="switch" role="tablist" aria-label="Drawing">
      {(['chart', 'sequence'] as const).map((panel) => (
        <button
          key={panel}
          type="button"
          role="tab"
          aria-selected={shown === panel}
          onClick={() => dispatch({ type: 'panel.chosen', panel })}
        >
          {panel === 'chart' ? 'Chart' : 'Sequence'}
        </button>
      ))}
    </div>
  );
}
