import { arrowTexts, leftOut } from '../../../diagrams/texts';
import { type ChartPicture, charts } from './chart-picture';
import { useDemo, useStore } from './use-demo';
import { useMedia } from './use-media';

type Edge = ChartPicture['edges'][number];

function Arrow({
  d,
  head,
  id,
  isTaken = false,
}: Omit<Edge, 'id'> & { readonly id?: string; readonly isTaken?: boolean }) {
  const place = `translate(${head.x} ${head.y}) rotate(${head.angle})`;
  return (
    <g className={isTaken ? 'edge is-taken' : 'edge'} data-edge={id}>
      <path d={d} className="line" pathLength={1} />
      <path d="M0 0 L-7 -3.5 L-7 3.5 Z" className="arrow" transform={place} />
    </g>
  );
}

/** Taken last, so that no other arrow crosses it. */
const inOrder = (edges: readonly Edge[], taken: string): readonly Edge[] => [
  ...edges.filter(({ id }) => id !== taken),
  ...edges.filter(({ id }) => id === taken),
];

/** The overview has the default policy's number here. */
const ownTexts: typeof arrowTexts = { 'fresh>stale': { text: 'time to replace it', id: 'T5' } };

/** What the last step means, in the words of the overview. */
function saidOf(from: string | null, state: string): string {
  const said =
    ownTexts[`${from}>${state}`] ??
    arrowTexts[`${from}>${state}`] ??
    leftOut[`${from}>${state}`] ??
    arrowTexts[`*>${state}`];
  return said && from !== null ? `${said.text} (${said.id})` : 'the page was opened';
}

/** The seven states, the current one lit, and the way that led to it. */
export function Chart() {
  const { shown } = useDemo();
  const { state, from } = useStore(shown);
  const { top, width, height, nodes, edges, start } = useMedia('(max-width: 640px)') ? charts.narrow : charts.wide;
  const taken = `${from}>${state}`;
  return (
    <figure className="chart" id="diagram">
      <svg viewBox={`0 ${top} ${width} ${height}`} role="img" aria-label={`The seven states; the machine is ${state}`}>
        {start.map(({ x, y, radius, ...arrow }) => (
          <g key="start" className="start">
            <circle cx={x} cy={y} r={radius} />
            <Arrow {...arrow} />
          </g>
        ))}
        {inOrder(edges, taken).map((edge) => (
          <Arrow key={edge.id} {...edge} isTaken={edge.id === taken} />
        ))}
        {nodes.map(({ id, ...box }) => (
          <g key={id} className={id === state ? 'node is-current' : 'node'} data-node={id}>
            <rect {...box} rx={10} />
            <text x={box.x + box.width / 2} y={box.y + box.height / 2 + 1}>
              {id}
            </text>
          </g>
        ))}
      </svg>
      <figcaption key={taken} className="chart-step">
        <b>{from ?? 'nowhere'}</b> → <b>{state}</b>: {saidOf(from, state)}
      </figcaption>
    </figure>
  );
}
