/** A drawing as a file. */
import { drawChart, type Shape } from './draw';
import type { ChartLayout } from './layout-types';
import { chartCss, darkTheme, lightTheme, type Theme } from './theme';

export type SvgChoices = {
  /** What it is, for those who do not see it; also the tooltip of a browser. */
  readonly title: string;
  readonly description?: string;
  readonly theme?: Theme;
  /** Taken where the reader prefers the dark; `null` for one theme only. */
  readonly dark?: Theme | null;
  /** More rules, after those of the drawing. */
  readonly css?: string;
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** One element as text. Text content stays on its line: white space in it counts. */
export function writeShape({ tag, attributes, children }: Shape): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  const inside = children.map((child) => (typeof child === 'string' ? escaped(child) : writeShape(child)));
  return inside.length === 0
    ? `<${tag}${written.join('')}/>`
    : `<${tag}${written.join('')}>${inside.join('')}</${tag}>`;
}

/**
 * A whole SVG document: one element per line, so that a change can be read in a diff.
 *
 * @example writeFileSync('chart.svg', toSvg(await layoutChart(readModel(machine)), { title: 'The door' }));
 */
export function toSvg(layout: ChartLayout, choices: SvgChoices): string {
  const { title, description, theme = lightTheme, dark = darkTheme, css } = choices;
  const { width, height } = layout;
  const about = description === undefined ? 'title' : 'title description';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" class="chart" role="img" aria-labelledby="${about}">`,
    `<title id="title">${escaped(title)}</title>`,
    ...(description === undefined ? [] : [`<desc id="description">${escaped(description)}</desc>`]),
    `<style>${[chartCss(theme, dark ?? undefined), css].filter(Boolean).join('\n')}</style>`,
    `<rect class="background" width="${width}" height="${height}" rx="10"/>`,
    ...drawChart(layout).map(writeShape),
    '</svg>',
    '',
  ].join('\n');
}
