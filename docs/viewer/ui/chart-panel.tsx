import { type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { activeStates } from '../../chart/active';
import { drawChart } from '../../chart/draw';
import type { ChartModel } from '../../chart/model';
import { actorName } from '../trace/actor-name';
import { topState } from '../trace/state-text';
import { openedAtFirst, outline } from '../view/outline';
import { lastChange, modelOf, shownActor, snapshotAt } from '../view/select';
import type { Opened } from '../view/types';
import type { PanelProps } from './panel';
import { type Lit, shapeElement } from './shapes';
import { DrawingSwitch } from './switch';
import { toneOf } from './tone';
import { useLayout } from './use-layout';
import { Welcome } from './welcome';

/** Smaller than that, nobody can read it: it is scrolled instead. */
const smallestScale = { overview: 0.42, all: 0.75, one: 0.75 };
/** Around the drawing, as in style/chart.css. */
const margin = 12;
const largestScale = 1.15;

const openedText = (opened: Opened): string => (opened.is === 'one' ? opened.state : opened.is);
const openedFrom = (text: string): Opened =>
  text === 'overview' || text === 'all' ? { is: text } : { is: 'one', state: text };

function Depth(props: { readonly model: ChartModel; readonly opened: Opened; readonly choose: (to: Opened) => void }) {
  const { model, opened, choose } = props;
  const holders = model.nodes.filter(({ children, parent }) => parent !== null && children.length > 0);
  if (holders.length === 0) return null;
  return (
    <label className="field">
      <span className="visually-hidden">Show of the chart</span>
      <select value={openedText(opened)} onChange={(event) => choose(openedFrom(event.target.value))}>
        <option value="overview">Overview</option>
        {holders
          .filter(({ parent }) => parent === '')
          .map(({ id }) => (
            <option key={id} value={id}>
              Inside {id}
            </option>
          ))}
        <option value="all">Everything</option>
      </select>
    </label>
  );
}

/** The width and height that there is for the drawing. */
function useRoom(): readonly [(element: HTMLDivElement | null) => void, { width: number; height: number }] {
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!element) return undefined;
    const look = (): void => setRoom({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, [element]);
  return [setElement, room];
}

/** The statechart of one actor: where it is, and how it came there. */
export function ChartPanel({ state, dispatch }: PanelProps): ReactNode {
  const actor = shownActor(state);
  const whole = modelOf(state.trace, actor);
  const definition = actor?.definition ?? '';
  const opened = state.opened[definition] ?? (whole ? openedAtFirst(whole) : { is: 'all' as const });
  const openedName = openedText(opened);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the name says all that counts of `opened`
  const drawn = useMemo(() => whole && outline(whole, opened), [whole, openedName]);
  const [measureRoom, room] = useRoom();
  const direction = room.width > 2.2 * room.height ? 'right' : 'down';
  const laid = useLayout(
    `${openedName}:${definition}`,
    room.width > 0 ? drawn?.model : undefined,
    direction,
    opened.is === 'overview',
  );
  const shapes = useMemo(() => laid && drawChart(laid), [laid]);
  const [zoom, setZoom] = useState(1);
  const scroller = useRef<HTMLDivElement | null>(null);

  const snapshot = actor && snapshotAt(state, actor.key);
  // What went on inside a closed state has no arrow here: the last one that has is traced.
  const change = actor && lastChange(state, actor.key, ({ taken }) => taken.some((id) => drawn?.standsFor.has(id)));
  const active = activeStates(snapshot?.value);
  const activeName = active.join(' ');
  const transitions = [...(change?.taken ?? []), ...(state.asked === null ? [] : [state.asked])];
  const taken = new Set(transitions.flatMap((id) => drawn?.standsFor.get(id) ?? []));
  const lit: Lit = {
    states: new Set(active),
    transitions: taken,
    edges: new Set(laid?.edges.filter((edge) => edge.transitions.some((id) => taken.has(id))).map(({ id }) => id)),
  };

  const { width = 1, height = 1 } = laid ?? {};
  const fit = Math.min((room.width - 2 * margin) / width, (room.height - 2 * margin) / height, largestScale);
  const scale = Math.max(smallestScale[opened.is], fit) * zoom;

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another state is lit
  useEffect(() => {
    const lit = scroller.current?.querySelectorAll('.is-active');
    lit?.item(lit.length - 1)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [activeName, laid, scale]);

  const onClick = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const transition = target?.closest('[data-transition]')?.getAttribute('data-transition');
    const edge = target?.closest('[data-edge]')?.getAttribute('data-edge');
    const clicked = transition ?? laid?.edges.find(({ id }) => id === edge)?.transitions[0];
    if (clicked !== undefined) {
      const original = [...(drawn?.standsFor ?? [])].find(([, shown]) => shown === clicked)?.[0];
      dispatch({ type: 'transition.asked', transition: original ?? clicked });
      return;
    }
    const name = target?.closest('[data-state]')?.getAttribute('data-state');
    const node = whole?.nodes.find(({ id }) => id === name);
    if (opened.is === 'overview' && node && node.children.length > 0) {
      dispatch({ type: 'chart.opened', definition, opened: { is: 'one', state: node.id } });
    }
  };

  return (
    <section className="panel drawing-panel chart-panel" data-panel="chart" aria-label="Statechart">
      <header className="panel-head">
        <DrawingSwitch state={state} dispatch={dispatch} />
        {snapshot && (
          <span className="state-now" data-tone={toneOf(topState(snapshot))} aria-live="polite">
            {active.at(-1) ?? snapshot.status}
          </span>
        )}
        <span className="grow" />
        {whole && (
          <Depth
            model={whole}
            opened={opened}
            choose={(to) => dispatch({ type: 'chart.opened', definition, opened: to })}
          />
        )}
        <div className="group">
          <button type="button" aria-label="Zoom out" onClick={() => setZoom(Math.max(0.4, zoom / 1.25))}>
            −
          </button>
          <button type="button" onClick={() => setZoom(1)}>
            Fit
          </button>
          <button type="button" aria-label="Zoom in" onClick={() => setZoom(Math.min(4, zoom * 1.25))}>
            +
          </button>
        </div>
      </header>
      <div className="chart-room" ref={measureRoom}>
        <div className="chart-scroll" ref={scroller} data-tone={snapshot ? toneOf(topState(snapshot)) : 'slate'}>
          {laid && shapes && (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the select above opens states, the detail lists transitions
            <svg
              data-testid="chart"
              className="chart"
              role="img"
              aria-label={`Chart of ${actor ? actorName(actor) : ''}, in state ${activeName}`}
              viewBox={`0 0 ${width} ${height}`}
              width={Math.floor(width * scale)}
              height={Math.floor(height * scale)}
              onClick={onClick}
            >
              {shapes.map((shape, index) => shapeElement(shape, lit, index))}
            </svg>
          )}
          {!whole && (actor ? <p className="empty">This actor has no chart.</p> : <Welcome />)}
        </div>
      </div>
    </section>
  );
}
