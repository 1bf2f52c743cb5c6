/** The page: what happens in model/, what is seen in ui/. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { TokenLifecycleProvider } from '../../../adapters/react';
import { createDemo } from './model/demo';
import { App } from './ui/app';
import { DemoContext } from './ui/use-demo';

const root = document.querySelector('#root');
if (!root) throw new Error('The page has no #root.');

const demo = createDemo();
createRoot(root).render(
  <StrictMode>
    <DemoContext value={demo}>
      <TokenLifecycleProvider lifecycle={demo.tokens}>
        <App />
      </TokenLifecycleProvider>
    </DemoContext>
  </StrictMode>,
);
demo.start();

// Without it (a private window may refuse) the page works, but does not open offline.
navigator.serviceWorker?.register('/sw.js').catch(() => undefined);
