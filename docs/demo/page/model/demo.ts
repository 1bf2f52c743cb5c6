import type { LifecycleOptions, TokenLifecycle } from '../../../../index';
import type { Store } from '../../store';
import { type Band, createBands } from './bands';
import { type Controls, createControls } from './controls';
import { createFeed, type Feed } from './feed';
import { createTokens } from './lifecycle';
import { createNetwork, type Network } from './network';
import { createPaced, type Shown } from './paced';
import { createReader, type Reader } from './reader';
import { createReports, type Report } from './reports';
import { createTabs, type Tabs } from './tabs';
import { createTrouble, type Trouble } from './trouble';

/** Everything behind the page, made once. Components show it and press its levers; none of it knows of React. */
export type Demo = {
  readonly tokens: TokenLifecycle;
  readonly network: Network;
  readonly trouble: Trouble;
  readonly feed: Feed;
  readonly controls: Controls;
  readonly reader: Reader;
  readonly tabs: Tabs;
  readonly shown: Store<Shown>;
  readonly bands: Store<readonly Band[]>;
  readonly report: Store<Report | null>;
  /** Starts all of it; returns what stops it. */
  start(): () => void;
};

export function createDemo({ inspect }: Pick<LifecycleOptions, 'inspect'> = {}): Demo {
  const network = createNetwork();
  const trouble = createTrouble();
  const feed = createFeed();
  const tokens = createTokens(network, trouble, inspect);
  const tabs = createTabs(tokens);
  return {
    tokens,
    network,
    trouble,
    feed,
    controls: createControls(network, feed.settings),
    reader: createReader(tokens, network),
    tabs,
    shown: createPaced(tokens),
    bands: createBands(tokens),
    report: createReports(tokens),
    start: () => {
      const ends = [feed.start(), tabs.start()];
      tokens.start();
      return () => {
        for (const end of ends) end();
        tokens.stop();
      };
    },
  };
}
