import type { Panel, ViewerAction, ViewerState } from '../view/types';

/** What a key does besides changing the state. */
export type Command = 'export' | 'copy' | 'help' | 'filter';

type Shortcut = { readonly keys: readonly string[]; readonly says: string };

export const shortcuts: readonly Shortcut[] = [
  { keys: ['←', 'k'], says: 'Step back' },
  { keys: ['→', 'j'], says: 'Step forward' },
  { keys: ['Home'], says: 'The first step' },
  { keys: ['End', 'l'], says: 'The present' },
  { keys: ['p'], says: 'Pause and resume' },
  { keys: ['/'], says: 'Filter' },
  { keys: ['a'], says: 'All events, or only those that changed a state' },
  { keys: ['t'], says: 'This actor, or all actors' },
  { keys: ['1', '…', '5'], says: 'Chart, timeline, sequence, detail, actors' },
  { keys: ['x'], says: 'Export the trace' },
  { keys: ['c'], says: 'Copy as a test' },
  { keys: ['?'], says: 'This list' },
];

export const panels: readonly Panel[] = ['chart', 'timeline', 'sequence', 'detail', 'actors'];

const commands: Readonly<Record<string, Command>> = { '/': 'filter', x: 'export', c: 'copy', '?': 'help' };

/** What a key means; `undefined`: nothing. */
export function meaningOf(key: string, state: ViewerState): ViewerAction | Command | undefined {
  const panel = /^[1-5]$/.test(key) ? panels[Number(key) - 1] : undefined;
  if (panel) return { type: 'panel.chosen', panel };
  switch (key) {
    case 'ArrowLeft':
    case 'k':
      return { type: 'stepped', by: -1 };
    case 'ArrowRight':
    case 'j':
      return { type: 'stepped', by: 1 };
    case 'Home':
      return { type: 'went.first' };
    case 'End':
    case 'l':
      return { type: 'went.live' };
    case 'p':
      return state.file ? undefined : { type: state.paused ? 'resumed' : 'paused' };
    case 'a':
      return { type: 'filtered', filter: { everything: !state.filter.everything } };
    case 't':
      return { type: 'filtered', filter: { thisActor: !state.filter.thisActor } };
    default:
      return commands[key];
  }
}
