/**
 * Draws the chart of any XState v5 machine: `readModel` → `layoutChart` → `toSvg` for a file, `drawChart` for a page.
 * See README.md beside this file.
 */
export { activeStates, type Step, transitionsTaken } from './active';
export { sayTransition } from './content';
export { createElement, light, reactProps } from './dom';
export { drawChart, type Shape } from './draw';
export { type LayoutChoices, layoutChart } from './layout';
export type { Box, ChartLayout, DrawnEdge, DrawnNode, DrawnStart, Head, Role, Run, TextLine } from './layout-types';
export { type Measure, measureText } from './measure';
export {
  type ChartEdge,
  type ChartModel,
  type ChartNode,
  type EdgeKind,
  isWithin,
  type NodeType,
  nodeAt,
} from './model';
export { collapse, focus, select } from './narrow';
export { readModel } from './read';
export { type SvgChoices, toSvg, writeShape } from './svg';
export { chartCss, chartRules, darkTheme, lightTheme, type Theme } from './theme';
