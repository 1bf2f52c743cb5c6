import type { Tab } from '../model/tabs';
import { Panel } from './panel';
import { useDemo, useStore } from './use-demo';

const origins: Readonly<Record<string, string>> = {
  mint: 'minted here',
  peer: 'from another tab',
  cookie: 'from the cookie',
  cache: 'from the cache',
  given: 'given',
};

function Row({ tab, number, isThis }: { readonly tab: Tab; readonly number: number; readonly isThis: boolean }) {
  return (
    <li className="tab" data-state={tab.state} data-this={isThis}>
      <span className="tab-name">
        <span className="dot" />
        {isThis ? 'This tab' : `Tab ${number}`}
      </span>
      <span className="tab-presence">{tab.presence}</span>
      <span className="tab-token">
        {tab.fingerprint === null ? 'no token' : <code>{tab.fingerprint}</code>}
        {tab.from !== null && `, ${origins[tab.from] ?? tab.from}`}
      </span>
    </li>
  );
}

/** The open tabs, and which of them made the request. */
export function TabList() {
  const { tabs } = useDemo();
  const list = useStore(tabs.list);
  return (
    <Panel title="Open tabs" className="tabs">
      <ol className="tab-list" id="tabs">
        {list.map((tab, index) => (
          <Row key={tab.id} tab={tab} number={index + 1} isThis={tab.id === tabs.id} />
        ))}
      </ol>
      <button type="button" id="open-tab" onClick={() => window.open('/', '_blank', 'noopener')}>
        Open another tab
      </button>
      <p className="hint">One of them mints, and hands the token to the others.</p>
    </Panel>
  );
}
