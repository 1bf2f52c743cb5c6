import { type ReactNode, useEffect, useReducer, useState } from 'react';
import { asTest, type Copied } from '../trace/as-test';
import { traceToFile } from '../trace/file';
import { shownActorKey } from '../view/select';
import { initialState, reduceView } from '../view/state';
import type { Panel } from '../view/types';
import { ActorTree } from './actor-tree';
import { ChartPanel } from './chart-panel';
import { Detail } from './detail';
import { CopyDialog, HelpDialog } from './dialogs';
import type { Listen } from './listen';
import { saveFile } from './save-file';
import { Sequence } from './sequence';
import { type Command, meaningOf, panels } from './shortcuts';
import { Timeline } from './timeline';
import { type Hearing, Toolbar } from './toolbar';
import { Transport } from './transport';

const titles: Readonly<Record<Panel, string>> = {
  chart: 'Chart',
  timeline: 'Timeline',
  sequence: 'Sequence',
  detail: 'Detail',
  actors: 'Actors',
};

/** Keys belong to whatever takes text or moves by them. */
const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, select, textarea, dialog, [role="listbox"]') !== null;

export function App({ listen }: { readonly listen: Listen }): ReactNode {
  const [state, dispatch] = useReducer(reduceView, initialState);
  const [hearing, setHearing] = useState<Hearing>({ window: false, relay: null });
  const [dialog, setDialog] = useState<Copied | 'help' | null>(null);

  useEffect(
    () =>
      listen({
        hear: (batch) => dispatch({ type: 'received', batch }),
        tell: (change) => setHearing((now) => ({ ...now, ...change })),
        refuse: (reason) => dispatch({ type: 'file.refused', reason }),
      }),
    [listen],
  );

  const commands: Readonly<Record<Command, () => void>> = {
    export: () => saveFile('trace.json', JSON.stringify(traceToFile(state.trace, Date.now()), null, 1)),
    copy: () => setDialog(asTest(state.trace, shownActorKey(state) ?? '', state.at)),
    help: () => setDialog('help'),
    filter: () => document.getElementById('filter')?.focus(),
  };

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return;
      const meaning = meaningOf(event.key, state);
      if (meaning === undefined) return;
      event.preventDefault();
      if (typeof meaning === 'string') commands[meaning]();
      else dispatch(meaning);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });

  const props = { state, dispatch };
  const isSequence = state.panel === 'sequence';
  return (
    <div className="app" data-panel={state.panel}>
      <Toolbar {...props} hearing={hearing} onExport={commands.export} onCopy={commands.copy} onHelp={commands.help} />
      {state.notice !== null && (
        <p className="notice" role="alert">
          {state.notice}
          <button type="button" onClick={() => dispatch({ type: 'notice.closed' })}>
            Close
          </button>
        </p>
      )}
      <div className="tabs" role="tablist" aria-label="Panels">
        {panels.map((panel) => (
          <button
            key={panel}
            type="button"
            role="tab"
            aria-selected={state.panel === panel}
            data-tab={panel}
            onClick={() => dispatch({ type: 'panel.chosen', panel })}
          >
            {titles[panel]}
          </button>
        ))}
      </div>
      <main className="panels">
        <ActorTree {...props} />
        {isSequence ? <Sequence {...props} /> : <ChartPanel {...props} />}
        <Timeline {...props} />
        <Detail {...props} />
      </main>
      <Transport {...props} />
      {dialog === 'help' && <HelpDialog close={() => setDialog(null)} />}
      {dialog !== null && dialog !== 'help' && <CopyDialog copied={dialog} close={() => setDialog(null)} />}
    </div>
  );
}
