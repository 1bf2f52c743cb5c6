import type { ReactNode } from 'react';

/** Before what is told from states alone. */
export const Guessed = (): ReactNode => (
  <span className="guessed" title="Told from the states before and after: several transitions lead there.">
    Probably:{' '}
  </span>
);
