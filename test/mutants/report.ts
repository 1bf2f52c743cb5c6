/** What became of the mutants, as a table for the terminal and for docs/mutants.md. */
import Table from 'cli-table3';
import type { Verdict } from './judge';

const rowOf = ({ id, title, caught }: Verdict): readonly [string, string, string, string, string] => [
  id,
  title,
  caught?.by ?? 'SURVIVED',
  caught?.what ?? '',
  caught?.after ?? '',
];

const head = ['', 'what is broken', 'caught by', 'which', 'after'];

/** How many were caught by whom. */
export function summary(verdicts: readonly Verdict[]): string {
  const counts = new Map<string, number>();
  for (const { caught } of verdicts) {
    const by = caught?.by ?? 'survived';
    counts.set(by, (counts.get(by) ?? 0) + 1);
  }
  const parts = [...counts].map(([by, count]) => (by === 'survived' ? `${count} survived` : `${count} by ${by}`));
  return `${verdicts.length} mutants: ${parts.join(', ')}.`;
}

export function formatTable(verdicts: readonly Verdict[]): string {
  const table = new Table({ head, colWidths: [5, 38, 11, 46, 26], wordWrap: true, style: { head: [] } });
  table.push(...verdicts.map((verdict) => [...rowOf(verdict)]));
  return table.toString();
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const formatMarkdown = (verdicts: readonly Verdict[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...verdicts.map((verdict) => `| ${rowOf(verdict).map(cell).join(' | ')} |`),
  ].join('\n');
