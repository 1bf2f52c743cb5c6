import type { Goal } from '../goals';
import { find, make } from './dom';

const storageKey = 'token-lifecycle-demo.seen';

function remembered(): Set<string> {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as string[]);
  } catch {
    return new Set();
  }
}

/** Ticks off what has been seen, and remembers it over a reload: reloading is part of the show. */
export function createChecklist(): (goal: Goal) => void {
  const seen = remembered();
  const tick = (goal: string): void => {
    const item = document.querySelector<HTMLElement>(`#checklist [data-goal="${goal}"]`);
    if (!item || item.classList.contains('is-seen')) return;
    item.classList.add('is-seen');
    item.append(make('span', 'visually-hidden', ' Seen.'));
  };
  find('#checklist').classList.add('is-live');
  for (const goal of seen) tick(goal);
  return (goal) => {
    seen.add(goal);
    tick(goal);
    try {
      sessionStorage.setItem(storageKey, JSON.stringify([...seen]));
    } catch {
      // Without storage it is only remembered until the reload.
    }
  };
}
