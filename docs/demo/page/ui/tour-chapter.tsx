import type { StepResult } from '../tour/player';
import type { Chapter } from '../tour/types';

const words: Readonly<Record<StepResult['is'], string>> = {
  waiting: 'to come',
  running: 'under way',
  passed: 'as it should be',
  failed: 'not as it should be',
};

function Step({ text, result }: { readonly text: string; readonly result: StepResult }) {
  const { is, seen } = result;
  return (
    <li className="tour-step" data-is={is}>
      <span className="mark" role="img" aria-label={words[is]} />
      <p>{text}</p>
      <p className="tour-seen">{seen || (is === 'running' ? '…' : '\u00a0')}</p>
    </li>
  );
}

type TourChapterProps = {
  readonly chapter: Chapter;
  readonly results: readonly StepResult[];
  /** All chapters lie in one place, so that the page does not move when another one is shown. */
  readonly isShown: boolean;
};

/** What used to go wrong, why it cannot here, and the steps that show it. */
export function TourChapter({ chapter, results, isShown }: TourChapterProps) {
  const { pull, before, why, steps } = chapter;
  return (
    <div className={isShown ? 'tour-detail is-shown' : 'tour-detail'} data-chapter={pull} aria-hidden={!isShown}>
      <dl className="tour-texts">
        <div>
          <dt>What happened</dt>
          <dd>
            {before}{' '}
            <a href={`https://github.com/clerk/javascript/pull/${pull}`} rel="noreferrer" target="_blank">
              clerk/javascript#{pull}
            </a>
          </dd>
        </div>
        <div>
          <dt>Why it cannot here</dt>
          <dd>{why}</dd>
        </div>
      </dl>
      <ol className="tour-steps">
        {steps.map(({ text }, index) => (
          <Step key={text} text={text} result={results[index] ?? { is: 'waiting', seen: '' }} />
        ))}
      </ol>
    </div>
  );
}
