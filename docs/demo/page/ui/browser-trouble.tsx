import type { TroubleName } from '../model/trouble';
import { Panel } from './panel';
import { useDemo, useStore } from './use-demo';

const all: readonly { readonly name: TroubleName; readonly label: string; readonly title: string }[] = [
  { name: 'storage-full', label: 'Storage full', title: 'The store that tabs share refuses every write.' },
  {
    name: 'channel-off',
    label: 'Channel off',
    title: 'This tab hears nothing from the others, and they nothing from it.',
  },
  {
    name: 'lock-held',
    label: 'Lock held',
    title: 'Another script takes the lock that tabs refresh under, and keeps it.',
  },
];

/** What can go wrong in this browser, each with a switch, and what an adapter last reported. */
export function BrowserTrouble() {
  const { trouble, report } = useDemo();
  const active = useStore(trouble.active);
  const last = useStore(report);
  return (
    <Panel title="This browser">
      <div className="troubles">
        {all.map(({ name, label, title }) => (
          <label key={name} className="option" title={title}>
            <input
              type="checkbox"
              className="option-input"
              name={name}
              checked={active.has(name)}
              onChange={({ target }) => trouble.set(name, target.checked)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <p className="hint report" data-slot="report">
        {last ? (
          <>
            Last report: <code>{`${last.adapter}.${last.operation}`}</code>, {last.reason}. The token goes on without
            it.
          </>
        ) : (
          'What fails here is reported, and changes nothing about who is signed in.'
        )}
      </p>
    </Panel>
  );
}
