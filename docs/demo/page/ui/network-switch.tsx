import { useSyncExternalStore } from 'react';
import { Panel } from './panel';
import { useDemo } from './use-demo';

const words = { connected: 'Connected', cut: 'Offline: cut off', offline: 'The browser is offline' };

/** Cuts the page off, and says what that amounts to together with the browser's own word. */
export function NetworkSwitch() {
  const { network } = useDemo();
  const word = useSyncExternalStore(network.connectivity.subscribe, () =>
    network.connectivity.isOnline() ? 'connected' : network.isConnected() ? 'offline' : 'cut',
  );
  return (
    <Panel title="Network">
      <label className="switch">
        <input
          type="checkbox"
          id="network"
          checked={word !== 'cut'}
          onChange={({ target }) => network.connect(target.checked)}
        />
        <span data-slot="network">{words[word]}</span>
      </label>
      <p className="hint">Or from outside: DevTools → Network → Offline.</p>
    </Panel>
  );
}
