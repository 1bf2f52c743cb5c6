/** Many slow components that read the same: rendering them takes longer than React works at a stretch. */
import { createElement, type ReactNode, startTransition, useLayoutEffect, useState } from 'react';

const cells = Array.from({ length: 12 }, (_, index) => index);
const costMs = 12;

type Log = {
  readonly read: () => string;
  /** What cells got to read, in the order of being rendered. */
  readonly rendered: string[];
  /** What stood on the page after each commit. */
  readonly onPage: string[][];
  show(): void;
};

const outputs = (): string[] => [...document.querySelectorAll('output')].map(({ textContent }) => textContent ?? '');

function Cell({ log }: { readonly log: Log }): ReactNode {
  const value = log.read();
  log.rendered.push(value);
  const until = performance.now() + costMs;
  while (performance.now() < until);
  useLayoutEffect(() => {
    log.onPage.push(outputs());
  });
  return createElement('output', null, value);
}

function Grid({ log }: { readonly log: Log }): ReactNode {
  const [isShown, setShown] = useState(false);
  log.show = () => startTransition(() => setShown(true));
  return isShown ? cells.map((index) => createElement(Cell, { key: index, log })) : null;
}

/** @param read the hook that each cell calls */
export function createGrid(read: () => string) {
  const log: Log = { read, rendered: [], onPage: [], show: () => {} };
  return { log, size: cells.length, outputs, element: createElement(Grid, { log }) };
}
