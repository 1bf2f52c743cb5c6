/** The ids of docs/lifecycle.md, with what they say. */

export type Rule = {
  readonly id: string;
  readonly text: string;
  /** Written down, not built: nothing has to show it yet. */
  readonly later: boolean;
};

/**
 * `T5`, `S3`, `H2b`, `L1`, `R4.10`. Ids of incidents have a letter and two digits (`H01`, `L10`) and are none of ours.
 */
const idPattern = /\b(?:[TS][1-9]\d?|H\d(?!\d)b?|L\d(?!\d)|R\d{1,2}\.\d{1,2})\b/g;

/** All ids in a text, each once, in the order in which they appear. */
export const idsIn = (text: string): string[] => [...new Set(text.match(idPattern))];

/** Every table row of the specification whose first cell is an id. */
export function readRules(markdown: string): Rule[] {
  return markdown.split('\n').flatMap((line) => {
    const cells = line.split(' | ').map((cell) => cell.replace(/^\|\s*|\s*\|$/g, '').trim());
    const [id = '', ...rest] = cells;
    if (!line.startsWith('| ') || idsIn(id)[0] !== id) return [];
    const [from, event, to, effects] = rest;
    const text = id.startsWith('T')
      ? `${from}: ${event}${to ? ` → ${to}` : ''}${effects ? ` (${effects})` : ''}`
      : rest.filter((cell) => cell !== '').join(': ');
    return [{ id, text, later: /\*comes later\.\*/i.test(line) }];
  });
}

/** Ids that a test has to show: all that is built. */
export const demanded = (rules: readonly Rule[]): string[] => rules.filter(({ later }) => !later).map(({ id }) => id);
