/** docs/behaviours.md: which transition makes each rule true, and which test shows it. */
import { type Chart, type ChartTransition, statesTable, toMermaid, transitionsTable } from '../../../machines/chart';
import type { Rule } from './rules';
import type { Title } from './titles';

/** A chart with the heading that it gets. */
export type Drawn = { readonly name: string; readonly chart: Chart };

const quoted = (text: string): string => text.replaceAll('`', "'").replaceAll('\n', ' ');

function arrow({ from, event, guard, to, description }: ChartTransition): string {
  const condition = guard === undefined ? '' : ` if \`${guard}\``;
  const goal = to.length === 0 ? 'stays' : to.map((path) => `\`${path}\``).join(', ');
  return `${from === '' ? 'any state' : `\`${from}\``} on \`${event}\`${condition} → ${goal}: ${description ?? ''}`;
}

function shownBy(id: string, titles: readonly Title[]): string[] {
  const found = titles.filter(({ ids }) => ids.includes(id));
  const files = [...new Set(found.map(({ file }) => file))].sort();
  return files.flatMap((file) => [
    `- ${file}`,
    ...found.filter((one) => one.file === file).map(({ title }) => `  - \`${quoted(title)}\``),
  ]);
}

function entry(rule: Rule, charts: readonly Drawn[], titles: readonly Title[]): string[] {
  const { id, text, later } = rule;
  const states = charts.flatMap(({ name, chart }) =>
    chart.states.filter(({ ids }) => ids.includes(id)).map(({ path }) => `- ${name} machine, in \`${path}\``),
  );
  const transitions = charts.flatMap(({ name, chart }) =>
    chart.transitions.filter(({ ids }) => ids.includes(id)).map((one) => `- ${name} machine, ${arrow(one)}`),
  );
  const tests = shownBy(id, titles);
  const lines = [...states, ...transitions, ...tests];
  return [
    `### ${id}`,
    '',
    `> ${text}`,
    '',
    ...(lines.length > 0 ? lines : [later ? 'Not built yet.' : 'No test names it.']),
    '',
  ];
}

function drawing({ name, chart }: Drawn): string[] {
  const heading = `## The ${name} machine`;
  const rootIds = chart.transitions.filter(({ from }) => from === '');
  const mermaid = (opened?: string) => ['```mermaid', toMermaid(chart, opened), '```', ''];
  const composed = chart.states.filter(({ path, children }) => !path.includes('.') && children.length > 0);
  return [
    heading,
    '',
    ...mermaid(),
    ...(rootIds.length > 0 ? ['Possible in every state, and not drawn:', ''] : []),
    ...rootIds.map((one) => `- ${arrow(one)}${one.ids.length > 0 ? ` (${one.ids.join(', ')})` : ''}`),
    ...(rootIds.length > 0 ? [''] : []),
    ...composed.flatMap(({ path }) => [
      `<details><summary>Inside <code>${path}</code></summary>`,
      '',
      ...mermaid(path),
      '</details>',
      '',
    ]),
    statesTable(chart),
    '',
    transitionsTable(chart),
    '',
  ];
}

/** The whole document. */
export function behaviours(rules: readonly Rule[], charts: readonly Drawn[], titles: readonly Title[]): string {
  return [
    '# Behaviours',
    '',
    'Drawn from the machines and the tests by `npm run docs`; do not edit. First the charts as they run, then each rule of',
    '[lifecycle.md](lifecycle.md) with the transitions that carry it and the tests that show it.',
    '',
    ...charts.flatMap(drawing),
    '## Rules',
    '',
    ...rules.flatMap((rule) => entry(rule, charts, titles)),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/** Ids that nobody has defined, each with the place that names it. */
export function unknownIds(rules: readonly Rule[], charts: readonly Drawn[], titles: readonly Title[]): string[] {
  const known = new Set(rules.map(({ id }) => id));
  const named = [
    ...charts.flatMap(({ chart }) => [
      ...chart.states.map(({ path, ids }) => ({ where: `${chart.id} ${path}`, ids })),
      ...chart.transitions.map(({ from, event, ids }) => ({ where: `${chart.id} ${from} on ${event}`, ids })),
    ]),
    ...titles.map(({ file, title, ids }) => ({ where: `${file} "${title}"`, ids })),
  ];
  return named.flatMap(({ where, ids }) => ids.filter((id) => !known.has(id)).map((id) => `${id} in ${where}`));
}

/** Demanded ids without a test. */
export const untested = (ids: readonly string[], titles: readonly Title[]): string[] => {
  const shown = new Set(titles.flatMap((title) => title.ids));
  return ids.filter((id) => !shown.has(id));
};

/** Demanded transitions (T ids) that no chart has. */
export const undrawn = (ids: readonly string[], charts: readonly Drawn[]): string[] => {
  const drawn = new Set(charts.flatMap(({ chart }) => chart.transitions.flatMap((one) => one.ids)));
  return ids.filter((id) => id.startsWith('T') && !drawn.has(id));
};
