import { type ReactNode, useEffect, useRef } from 'react';
import { actorName } from '../trace/actor-name';
import { eventText, timeText } from '../trace/state-text';
import type { ActorKey, MessageEntry, Trace } from '../trace/types';
import { messagesOf } from '../view/select';
import type { ViewerState } from '../view/types';
import type { PanelProps } from './panel';
import { DrawingSwitch } from './switch';

const limit = 120;
const columnWidth = 136;
const rowHeight = 30;

type ArrowProps = {
  readonly message: MessageEntry;
  readonly y: number;
  readonly from: number | undefined;
  readonly to: number;
};

const middle = (column: number): number => column * columnWidth + columnWidth / 2;

function Arrow({ message, y, from, to }: ArrowProps): ReactNode {
  const end = middle(to);
  const text = eventText(message.event.type);
  if (from === to) {
    return (
      <g className="message is-own">
        <path className="line" d={`M${end} ${y - 6}h16q6 0 6 6t-6 6h-10`} />
        <path className="head" d={`M${end + 1} ${y + 6}l8 -3.6v7.2z`} />
        <text x={end + 28} y={y + 4}>
          {text}
        </text>
      </g>
    );
  }
  const start = from === undefined ? end - columnWidth / 2 + 8 : middle(from);
  const rightwards = start < end;
  return (
    <g className={message.acrossTabs ? 'message is-across' : from === undefined ? 'message is-outside' : 'message'}>
      {from === undefined && <circle className="head" cx={start} cy={y} r="3" />}
      <path className="line" d={`M${start} ${y}H${rightwards ? end - 6 : end + 6}`} />
      <path className="head" d={rightwards ? `M${end} ${y}l-8 -3.6v7.2z` : `M${end} ${y}l8 -3.6v7.2z`} />
      <text
        x={from === undefined ? end + 8 : (start + end) / 2}
        y={from === undefined ? y + 4 : y - 5}
        textAnchor={from === undefined ? 'start' : 'middle'}
      >
        {text}
      </text>
    </g>
  );
}

/** With several tabs there is room for machines alone: what their promises answer comes from outside then. */
function betweenMachines({ trace, filter }: ViewerState, messages: readonly MessageEntry[]): readonly MessageEntry[] {
  if (trace.sources.length < 2 || filter.everything) return messages;
  const isMachine = (key: ActorKey | undefined): boolean =>
    key !== undefined && trace.actors[key]?.definition !== undefined;
  return messages
    .filter(({ actor }) => isMachine(actor))
    .map((message) => (isMachine(message.from) ? message : { ...message, from: undefined }));
}

type Columns = { readonly columns: readonly ActorKey[]; readonly place: ReadonlyMap<ActorKey, number> };

/** A promise is a new actor each time it is invoked; all of one name and parent share a line. */
function columnsOf({ actors, sources }: Trace, messages: readonly MessageEntry[]): Columns {
  const present = new Set(messages.flatMap(({ actor, from }) => (from === undefined ? [actor] : [actor, from])));
  const bySource = (key: ActorKey): number => sources.findIndex(({ id }) => id === actors[key]?.source);
  const nameOf = (key: ActorKey): string => {
    const actor = actors[key];
    return actor ? `${actor.source} ${actor.parent ?? ''} ${actor.name}` : key;
  };
  const keys = Object.keys(actors).filter((key) => present.has(key));
  const firsts = new Map<string, ActorKey>();
  for (const key of keys) if (!firsts.has(nameOf(key))) firsts.set(nameOf(key), key);
  const columns = [...firsts.values()].sort((a, b) => bySource(a) - bySource(b));
  return { columns, place: new Map(keys.map((key) => [key, columns.indexOf(firsts.get(nameOf(key)) ?? key)])) };
}

function Head({ trace, actor: key }: { readonly trace: Trace; readonly actor: ActorKey }): ReactNode {
  const actor = trace.actors[key];
  const source = trace.sources.length > 1 ? trace.sources.find(({ id }) => id === actor?.source) : undefined;
  return (
    <div className="sequence-head" style={{ width: columnWidth }}>
      {actor ? actorName(actor) : key}
      {source && <span className="count">{source.label}</span>}
    </div>
  );
}

/** Who told whom what, between actors and between tabs. */
export function Sequence({ state, dispatch }: PanelProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const messages = betweenMachines(state, messagesOf(state, limit));
  const { columns, place } = columnsOf(state.trace, messages);
  const width = Math.max(1, columns.length) * columnWidth + 16;
  const height = messages.length * rowHeight + 16;
  const last = messages.at(-1)?.seq;

  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever a message comes
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [last]);

  return (
    <section className="panel drawing-panel" data-panel="sequence" aria-label="Sequence of messages">
      <header className="panel-head">
        <DrawingSwitch state={state} dispatch={dispatch} />
        <span className="count">Messages that changed something, and those between tabs</span>
      </header>
      {messages.length === 0 && <p className="empty">No messages yet.</p>}
      <div className="sequence" ref={scroller}>
        <div className="sequence-heads" style={{ width }}>
          {columns.map((key) => (
            <Head key={key} trace={state.trace} actor={key} />
          ))}
        </div>
        <svg className="sequence-drawing" role="img" aria-label="Messages between actors" width={width} height={height}>
          {columns.map((key, index) => (
            <line key={key} className="lifeline" x1={middle(index)} x2={middle(index)} y1={0} y2={height} />
          ))}
          {messages.map((message, index) => (
            <g key={message.seq}>
              <title>{`${timeText(message.at)} ${message.event.type}`}</title>
              <Arrow
                message={message}
                y={index * rowHeight + 22}
                from={message.from === undefined ? undefined : place.get(message.from)}
                to={place.get(message.actor) ?? 0}
              />
            </g>
          ))}
        </svg>
      </div>
    </section>
  );
}
