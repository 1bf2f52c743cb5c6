import { chapters } from '../tour/chapters';
import type { Tour as TourOf, TourState } from '../tour/player';
import { TourChapter } from './tour-chapter';
import { useStore } from './use-demo';

const said: Readonly<Record<TourState['is'], string>> = {
  ready: 'About a minute, on the real page and server.',
  playing: 'Playing.',
  pausing: 'This step, then a pause.',
  paused: 'Paused.',
  finished: 'All as it should be.',
  failed: 'A step turned out otherwise.',
};

function Buttons({ tour, is }: { readonly tour: TourOf; readonly is: TourState['is'] }) {
  const isPlaying = is === 'playing';
  const label = is === 'finished' ? 'Play again' : is === 'failed' ? 'Try again' : 'Play';
  return (
    <div className="tour-buttons">
      <button
        type="button"
        className="primary"
        id="tour-play"
        disabled={is === 'pausing'}
        onClick={isPlaying ? tour.pause : tour.play}
      >
        {isPlaying ? 'Pause' : label}
      </button>
      <button type="button" id="tour-step" disabled={isPlaying || is === 'pausing'} onClick={tour.step}>
        Step
      </button>
      <button type="button" id="tour-reset" disabled={is === 'ready'} onClick={() => tour.choose(0)}>
        Reset
      </button>
    </div>
  );
}

/** Four bugs, and why they cannot happen here: shown, not told. */
export function Tour({ tour }: { readonly tour: TourOf }) {
  const { is, at, results } = useStore(tour.state);
  const [current] = at;
  const last = results
    .flat()
    .filter(({ seen }) => seen !== '')
    .at(-1)?.seen;
  return (
    <section className="panel tour" id="tour" data-tour={is} aria-labelledby="tour-title">
      <div className="tour-head">
        <div>
          <h2 id="tour-title">Four bugs that cannot happen here</h2>
          <p className="hint">{said[is]}</p>
        </div>
        <Buttons tour={tour} is={is} />
      </div>
      <ol className="tour-chapters">
        {chapters.map(({ pull, title }, index) => (
          <li key={pull}>
            <button
              type="button"
              className="tour-chapter"
              aria-current={index === current ? 'step' : undefined}
              onClick={() => tour.choose(index)}
            >
              <span className="tour-pull">#{pull}</span>
              <span className="tour-name">{title}</span>
              <span className="tour-marks" aria-hidden="true">
                {results[index]?.map(({ is }, step) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: steps neither move nor go.
                  <span key={step} className="mark" data-is={is} />
                ))}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <div className="tour-details">
        {chapters.map((chapter, index) => (
          <TourChapter
            key={chapter.pull}
            chapter={chapter}
            results={results[index] ?? []}
            isShown={index === current}
          />
        ))}
      </div>
      <p className="visually-hidden" role="status" data-slot="tour-seen">
        {last}
      </p>
    </section>
  );
}
