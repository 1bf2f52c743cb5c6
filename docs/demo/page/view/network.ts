import type { Network } from '../network';
import { find, slot } from './dom';

/** The switch that cuts the page off, and what it amounts to together with the browser's own word. */
export function createNetworkView(network: Network): void {
  const input = find<HTMLInputElement>('#network');
  const word = slot('network');
  const show = (): void => {
    const online = network.connectivity.isOnline();
    word(online ? 'Connected' : network.isConnected() ? 'The browser is offline' : 'Cut off');
  };
  // Browsers restore the box on a reload, but the network of a new page is whole.
  input.checked = network.isConnected();
  input.addEventListener('change', () => network.connect(input.checked));
  network.connectivity.subscribe(show);
  show();
}
