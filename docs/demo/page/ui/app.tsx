import type { Tour as TourOf } from '../tour/player';
import { Api } from './api';
import { BrowserTrouble } from './browser-trouble';
import { Cookie } from './cookie';
import { DocumentState } from './document-state';
import { Explanation } from './explanation';
import { Facts } from './facts';
import { Inspector } from './inspector';
import { Masthead } from './masthead';
import { NetworkSwitch } from './network-switch';
import { OriginFaults } from './origin-faults';
import { Requests } from './requests';
import { ServerSettings } from './server-settings';
import { Session } from './session';
import { Stage } from './stage';
import { TabList } from './tab-list';
import { Tour } from './tour';
import { Transitions } from './transitions';

type AppProps = { readonly tour: TourOf; readonly inspectorFrame: HTMLIFrameElement };

export function App({ tour, inspectorFrame }: AppProps) {
  return (
    <>
      <DocumentState />
      <a className="skip" href="#state">
        Skip to the state
      </a>
      <Masthead />
      <main className="board">
        <Tour tour={tour} />
        <Stage />
        <aside className="controls" aria-label="Controls">
          <Session />
          <NetworkSwitch />
          <OriginFaults />
          <BrowserTrouble />
          <ServerSettings />
        </aside>
        <div className="surroundings">
          <Facts />
          <TabList />
          <Cookie />
          <Api />
        </div>
        <div className="details">
          <Transitions />
          <Requests />
          <Explanation />
        </div>
        <Inspector frame={inspectorFrame} />
      </main>
    </>
  );
}
