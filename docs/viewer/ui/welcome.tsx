import type { ReactNode } from 'react';

const example = `import { createTokenInspector } from 'token-lifecycle/inspect';

const { inspect } = createTokenInspector({ to: 'window' });
createTokenLifecycle({ source, inspect }).start();`;

/** For whoever opens the page without an app. */
export const Welcome = (): ReactNode => (
  <div className="welcome">
    <h2>No machine has been heard of yet</h2>
    <p>Let your app open this page, or put it into a frame of yours:</p>
    <pre>{example}</pre>
    <p>
      Any other XState app: <code>{'createBrowserInspector({ url })'}</code>. Or load a trace that was exported here.
    </p>
  </div>
);
