/** Colours and type of a drawing, as CSS custom properties, so that a page can give its own. */

export type Theme = {
  readonly background: string;
  readonly surface: string;
  /** Behind states that hold others. */
  readonly group: string;
  readonly border: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  /** Names of guards. */
  readonly guard: string;
  readonly accent: string;
  readonly accentSurface: string;
};

export const lightTheme: Theme = {
  background: '#ffffff',
  surface: '#ffffff',
  group: '#f6f7f9',
  border: '#c3c9d2',
  text: '#1b1f26',
  muted: '#5b6472',
  line: '#7c8796',
  guard: '#6b4fa8',
  accent: '#0b63ce',
  accentSurface: '#e8f1fd',
};

export const darkTheme: Theme = {
  background: '#10141a',
  surface: '#1a2029',
  group: '#151a22',
  border: '#3d4756',
  text: '#e8ecf2',
  muted: '#9aa5b5',
  line: '#76839a',
  guard: '#b9a3ec',
  accent: '#6cb0ff',
  accentSurface: '#173152',
};

/** Fonts of about the widths that texts are measured with. `system-ui` is not among them: on Linux it may be much wider. */
export const fontFamily =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif";

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const variables = (theme: Theme): string =>
  Object.entries(theme)
    .map(([name, value]) => `--chart-${kebab(name)}:${value}`)
    .join(';');

/**
 * The rules of a drawing, without colours. A state or transition is lit by the class `is-active`, a transition that was
 * taken last by `is-taken`.
 */
export const chartRules = `
.chart text{font-family:${fontFamily};fill:var(--chart-text)}
.chart .background{fill:var(--chart-background)}
.chart .box{fill:var(--chart-surface);stroke:var(--chart-border);stroke-width:1}
.chart .holds>.box{fill:var(--chart-group)}
.chart .region>.box{stroke-dasharray:4 3}
.chart .closed>.box{stroke-width:2}
.chart .rule{stroke:var(--chart-border);stroke-width:1}
.chart .title{font-weight:600}
.chart .description,.chart .detail{fill:var(--chart-muted)}
.chart .guard{fill:var(--chart-guard)}
.chart .line{fill:none;stroke:var(--chart-line);stroke-width:1.25}
.chart .head,.chart .dot{fill:var(--chart-line)}
.chart .label>rect{fill:var(--chart-background)}
.chart .edge.inside .label>rect{fill:var(--chart-group)}
.chart .is-active>.box{stroke:var(--chart-accent);stroke-width:2;fill:var(--chart-accent-surface)}
.chart .is-active>text .title{fill:var(--chart-accent)}
.chart .is-taken>.line{stroke:var(--chart-accent);stroke-width:2.25}
.chart .is-taken>.head{fill:var(--chart-accent)}
.chart text.is-taken,.chart text.is-taken tspan{fill:var(--chart-accent);font-weight:600}
`.trim();

/** Rules and colours; with a second theme, that one where the reader prefers the dark. */
export const chartCss = (theme: Theme, dark?: Theme): string =>
  [
    `.chart{${variables(theme)}}`,
    ...(dark ? [`@media (prefers-color-scheme:dark){.chart{${variables(dark)}}}`] : []),
    chartRules,
  ].join('\n');
