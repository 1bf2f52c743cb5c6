import { type ChartLayout, type ChartModel, type LayoutChoices, layoutChart } from '../../chart';
import { overviewModel } from '../../diagrams/overview';
import type { ChartPicture, ChartPictures } from '../page/ui/chart-picture';

/** Names only: what the states do stands beside the chart. What leads on from every state is no arrow. */
function bare(model: ChartModel): ChartModel {
  return {
    ...model,
    nodes: model.nodes.map((node) => ({ ...node, description: undefined })),
    edges: model.edges.filter(({ from }) => from !== ''),
  };
}

const marginPx = 12;

/** Where the drawing begins: a layout leaves room for a heading, which the page has elsewhere. */
const topOf = ({ nodes, edges, starts }: ChartLayout): number => {
  const pathTop = (d: string): number =>
    Math.min(...[...d.matchAll(/-?[\d.]+[ ,](-?[\d.]+)/g)].map(([, y]) => Number(y)));
  const boxes = nodes.filter(({ id }) => id !== '').map(({ y }) => y);
  const dots = starts.map(({ y, radius }) => y - radius);
  return Math.min(...boxes, ...dots, ...edges.map(({ d }) => pathTop(d))) - marginPx;
};

const picture = (layout: ChartLayout): ChartPicture => {
  const { width, height, nodes, edges, starts } = layout;
  const top = topOf(layout);
  return {
    top,
    width,
    height: height - top,
    nodes: nodes.filter(({ id }) => id !== '').map(({ id, x, y, width, height }) => ({ id, x, y, width, height })),
    edges: edges.map(({ id, d, head }) => ({ id, d, head })),
    start: starts.map(({ x, y, radius, d, head }) => ({ x, y, radius, d, head })),
  };
};

const shared: LayoutChoices = {
  say: () => [],
  title: ({ key, parent }) => (parent === null ? '' : key),
  elkOptions: { 'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER' },
};

/** The overview of the seven states, as docs/diagrams has it, laid out for a wide page and for a narrow one. */
export async function buildCharts(): Promise<ChartPictures> {
  const model = bare(overviewModel());
  const [wide, narrow] = await Promise.all([
    layoutChart(model, {
      ...shared,
      direction: 'right',
      titleSize: 15,
      spacing: { nodes: 46, layers: 40, padding: 16 },
    }),
    layoutChart(model, {
      ...shared,
      direction: 'down',
      titleSize: 12.5,
      spacing: { nodes: 12, layers: 26, padding: 8 },
    }),
  ]);
  return { wide: picture(wide), narrow: picture(narrow) };
}
