/** The picture of the README: seven states, and what leads from one to the next. */
import { sessionMachine } from '../../machines/session/machine';
import { type ChartEdge, type ChartLayout, type ChartModel, type ChartNode, layoutChart, toSvg } from '../chart';
import { type Step, topStates, topSteps } from './lift';
import { arrowTexts, stateTexts } from './texts';

const blank = { history: undefined, tags: [], ids: [], entry: [], exit: [], invokes: [] };

function boxOf(state: string): ChartNode {
  const { does, reader } = stateTexts[state] ?? { does: '', reader: '' };
  const place = { id: state, stateId: state, key: state, parent: '', children: [], initial: [] };
  return { ...blank, ...place, type: 'atomic', description: `${does}\n${reader}` };
}

function arrowOf({ key, from, to, edges }: Step): ChartEdge[] {
  const said = arrowTexts[key];
  if (!said) return [];
  const description = edges.find(({ ids }) => ids.includes(said.id))?.description;
  const way = { id: key, from: from === '*' ? '' : from, to: [to], kind: 'event' as const, event: key };
  return [{ ...way, label: said.text, guard: undefined, actions: [], reenter: false, description, ids: [said.id] }];
}

/** As the texts are written. */
const inOrder = (a: Step, b: Step): number => {
  const keys = Object.keys(arrowTexts);
  return keys.indexOf(a.key) - keys.indexOf(b.key);
};

/** The overview as a chart of its own, of which each arrow stands for a step of the machines. */
export function overviewModel(): ChartModel {
  const states = topStates();
  const root = { ...blank, id: '', stateId: 'overview', key: 'overview', parent: null, children: states };
  return {
    id: 'overview',
    description: sessionMachine.root.description,
    nodes: [{ ...root, type: 'compound', initial: ['restoring'], description: undefined }, ...states.map(boxOf)],
    edges: [...topSteps()].sort(inOrder).flatMap(arrowOf),
  };
}

/** From the top: what happens when all is well. At the bottom: what happens when it is not. */
export const overviewLayout = (): Promise<ChartLayout> =>
  layoutChart(overviewModel(), {
    direction: 'down',
    descriptions: true,
    descriptionWidth: 240,
    rowWidth: 400,
    titleSize: 15,
    textSize: 12.5,
    spacing: { nodes: 40, layers: 30 },
    elkOptions: { 'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER' },
  });

/** Green: a token at once. Amber: while the old one lasts. Without a colour: none. */
const tones = `
.chart [data-state="fresh"]>.box{fill:#e7f6ec;stroke:#4ba46b}
.chart :is([data-state="stale"],[data-state="refreshing"],[data-state="offline-retrying"],[data-state="outage-fallback"])>.box{fill:#fdf5e3;stroke:#cfa750}
@media (prefers-color-scheme:dark){
.chart [data-state="fresh"]>.box{fill:#12301f;stroke:#4ba46b}
.chart :is([data-state="stale"],[data-state="refreshing"],[data-state="offline-retrying"],[data-state="outage-fallback"])>.box{fill:#2e2712;stroke:#a98a41}
}`.trim();

export const overviewSvg = async (): Promise<string> =>
  toSvg(await overviewLayout(), {
    title: 'The seven states of a token’s life',
    description: topSteps()
      .flatMap(({ key, from, to }) => {
        const said = arrowTexts[key];
        return said ? [`From ${from === '*' ? 'every state' : from} to ${to}: ${said.text}.`] : [];
      })
      .join(' '),
    css: tones,
  });
