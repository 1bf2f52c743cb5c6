import { stateTexts } from '../model/state-texts';
import { Chart } from './chart';
import { Life } from './life';
import { Timeline } from './timeline';
import { useDemo, useStore } from './use-demo';

/** The middle of the page: which state, where in the chart, and how long the token still lives. */
export function Stage() {
  const { shown } = useDemo();
  const { state } = useStore(shown);
  return (
    <section className="panel stage" id="state" data-state={state} aria-labelledby="state-name" tabIndex={-1}>
      <div className="now">
        <h2 className="state-name" id="state-name">
          <span className="dot" />
          <span data-slot="state">{state}</span>
        </h2>
        <p key={state} className="state-text" data-slot="state-text">
          {stateTexts[state]}
        </p>
      </div>
      <Chart />
      <Life />
      <Timeline />
    </section>
  );
}
