/** The page: what happens in model/, what is seen in ui/. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { TokenLifecycleProvider } from '../../../adapters/react';
import { createDemo } from './model/demo';
import { createInspector } from './model/inspector';
import { createDemoTour } from './tour/create';
import { App } from './ui/app';
import { DemoContext } from './ui/use-demo';

const root = document.querySelector('#root');
if (!root) throw new Error('The page has no #root.');

/** Time to read a step before it runs. `?brisk` is for those who know it. */
const dwellMs = new URLSearchParams(location.search).has('brisk') ? 150 : 1_800;

const { frame, inspect } = createInspector();
const demo = createDemo({ inspect });
const tour = createDemoTour(demo, dwellMs);
createRoot(root).render(
  <StrictMode>
    <DemoContext value={demo}>
      <TokenLifecycleProvider lifecycle={demo.tokens}>
        <App tour={tour} inspectorFrame={frame} />
      </TokenLifecycleProvider>
    </DemoContext>
  </StrictMode>,
);
demo.start();

// Without it (a private window may refuse) the page works, but does not open offline.
navigator.serviceWorker?.register('/sw.js').catch(() => undefined);
