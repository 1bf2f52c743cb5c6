import { type ReactNode, useId } from 'react';

type LogProps = {
  readonly title: ReactNode;
  readonly id: string;
  readonly empty: string;
  readonly children: ReactNode;
};

/** A list with the newest on top, in a box of its own height. What scrolls can be reached without a mouse. */
export function Log({ title, id, empty, children }: LogProps) {
  const titleId = useId();
  const isEmpty = Array.isArray(children) && children.length === 0;
  return (
    <section className="panel log" aria-labelledby={titleId}>
      <h3 id={titleId}>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to be reachable with the keyboard. */}
      <ol className="rows" id={id} aria-labelledby={titleId} tabIndex={0}>
        {isEmpty ? <li className="row-empty">{empty}</li> : children}
      </ol>
    </section>
  );
}
