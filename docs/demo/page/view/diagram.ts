import type { LifecycleState } from '../../../../index';
import { type DiagramLayout, narrowLayout, wideLayout } from './diagram-layout';
import { find, makeSvg } from './dom';
import { stateNames } from './state-texts';

type Name = LifecycleState['state'];

const arrowHead = 'M0 0 L7 3.5 L0 7 Z';

function arrowMarker(id: string, className: string): SVGElement {
  const marker = makeSvg('marker', {
    id,
    viewBox: '0 0 7 7',
    refX: 6,
    refY: 3.5,
    markerWidth: 7,
    markerHeight: 7,
    markerUnits: 'userSpaceOnUse',
    orient: 'auto',
  });
  marker.append(makeSvg('path', { d: arrowHead, class: className }));
  return marker;
}

function draw({ width, height, node, nodes, edges }: DiagramLayout): SVGElement {
  const svg = makeSvg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img' });
  svg.append(makeSvg('title', {}, 'The seven states and the ways between them'));
  const defs = makeSvg('defs', {});
  defs.append(arrowMarker('arrow', 'arrow'), arrowMarker('arrow-taken', 'arrow arrow-taken'));
  svg.append(defs);
  for (const [name, d] of Object.entries(edges)) {
    svg.append(makeSvg('path', { d, class: 'edge', 'data-edge': name, pathLength: 1 }));
  }
  for (const name of stateNames) {
    const [x, y] = nodes[name];
    const group = makeSvg('g', { class: 'node', 'data-node': name, transform: `translate(${x} ${y})` });
    const box = { x: -node.width / 2, y: -node.height / 2, width: node.width, height: node.height, rx: 12 };
    group.append(makeSvg('rect', box), makeSvg('text', { y: 1 }, name));
    svg.append(group);
  }
  return svg;
}

/** The chart with the current state lit and the way that led to it. */
export function createDiagram(): (state: Name) => void {
  const host = find('#diagram');
  const narrow = window.matchMedia('(max-width: 640px)');
  let current: Name = 'restoring';
  let taken = '';

  const light = (): void => {
    for (const node of host.querySelectorAll('.node')) {
      node.classList.toggle('is-current', node.getAttribute('data-node') === current);
    }
    for (const edge of host.querySelectorAll('.edge')) {
      edge.classList.toggle('is-taken', edge.getAttribute('data-edge') === taken);
    }
  };
  const redraw = (): void => {
    host.replaceChildren(draw(narrow.matches ? narrowLayout : wideLayout));
    light();
  };

  narrow.addEventListener('change', redraw);
  redraw();
  return (state) => {
    if (state === current) return;
    taken = `${current}>${state}`;
    current = state;
    light();
  };
}
