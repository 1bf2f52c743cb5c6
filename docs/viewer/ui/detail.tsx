import type { ReactNode } from 'react';
import { activeStates } from '../../chart/active';
import type { ChartEdge, ChartModel } from '../../chart/model';
import { isRecord, type SeenSnapshot } from '../protocol';
import { actorName } from '../trace/actor-name';
import { eventText, stateText, topState } from '../trace/state-text';
import type { Actor, StepEntry } from '../trace/types';
import { lastChange, modelOf, momentOf, shownActor, snapshotAt } from '../view/select';
import { Guessed } from './guessed';
import { Json } from './json';
import type { PanelProps } from './panel';
import { toneOf } from './tone';

const fields = (value: unknown): readonly (readonly [string, unknown])[] =>
  isRecord(value) ? Object.entries(value) : value === undefined ? [] : [['value', value]];

function Context({
  now,
  before,
}: {
  readonly now: SeenSnapshot;
  readonly before: SeenSnapshot | undefined;
}): ReactNode {
  const earlier = isRecord(before?.context) ? before.context : undefined;
  const rows = fields(now.context);
  if (rows.length === 0) return <p className="empty">It has no context.</p>;
  return rows.map(([name, value]) => (
    <Json key={name} name={name} value={value} {...(earlier ? { before: { value: earlier[name] } } : {})} />
  ));
}

function Transition({ edge }: { readonly edge: ChartEdge }): ReactNode {
  const target = edge.to.length === 0 ? 'stays' : edge.to.join(', ');
  return (
    <div className="asked" data-testid="asked">
      <p>
        <b>{edge.label}</b>
        {edge.guard !== undefined && <span className="guard"> if {edge.guard}</span>}
      </p>
      <p className="soft">
        {edge.from === '' ? 'any state' : edge.from} → {target}
      </p>
      {edge.description !== undefined && <p>{edge.description}</p>}
      {edge.actions.length > 0 && <p className="soft">does {edge.actions.join(', ')}</p>}
      <p className="ids">
        {edge.ids.map((id) => (
          <span key={id} className="id">
            {id}
          </span>
        ))}
      </p>
    </div>
  );
}

type WaysProps = PanelProps & { readonly model: ChartModel; readonly snapshot: SeenSnapshot };

type SectionProps = { readonly name: string; readonly closed?: boolean; readonly children: ReactNode };

const Section = ({ name, closed = false, children }: SectionProps): ReactNode => (
  <details className="section" open={!closed} data-section={name}>
    <summary>{name}</summary>
    {children}
  </details>
);

/** What may happen next: the transitions of all active states, the innermost first. */
function Ways({ model, snapshot, state, dispatch }: WaysProps): ReactNode {
  const active = ['', ...activeStates(snapshot.value)];
  const ways = model.edges.filter(({ from }) => active.includes(from)).sort((a, b) => b.from.length - a.from.length);
  if (ways.length === 0) return <p className="empty">Nothing leads on from here.</p>;
  return (
    <ul className="ways">
      {ways.map((edge) => (
        <li key={edge.id}>
          <button
            type="button"
            className="way"
            aria-pressed={state.asked === edge.id}
            onClick={() => dispatch({ type: 'transition.asked', transition: state.asked === edge.id ? null : edge.id })}
          >
            <span>{edge.label}</span>
            {edge.guard !== undefined && <span className="guard">{edge.guard}</span>}
            <span className="grow" />
            <span className="soft">{edge.to.join(', ')}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Heading({
  step,
  snapshot,
}: {
  readonly step: StepEntry | undefined;
  readonly snapshot: SeenSnapshot;
}): ReactNode {
  return (
    <div className="moment" data-tone={toneOf(topState(snapshot))}>
      <p className="moment-state">{stateText(snapshot)}</p>
      {step && (
        <p className="soft">
          after <b>{eventText(step.event.type)}</b>
          {step.ids.map((id) => (
            <span key={id} className="id">
              {id}
            </span>
          ))}
        </p>
      )}
      {step?.description !== undefined && (
        <p>
          {step.guessed && <Guessed />}
          {step.description}
        </p>
      )}
    </div>
  );
}

/** One actor at one moment: state, event, context, and what may come next. */
function Moment(props: PanelProps & { readonly actor: Actor; readonly snapshot: SeenSnapshot }): ReactNode {
  const { state, actor, snapshot } = props;
  // Looks at the clock come all the time; they are no news unless they are asked for.
  const step = state.filter.everything ? momentOf(state, actor.key) : lastChange(state, actor.key);
  const model = modelOf(state.trace, actor);
  const asked = model?.edges.find(({ id }) => id === state.asked);
  return (
    <div className="detail">
      <Heading step={step} snapshot={snapshot} />
      {asked && <Transition edge={asked} />}
      {step && (
        <Section name="Event">
          {fields(step.event).map(([name, value]) => (
            <Json key={name} name={name} value={value} />
          ))}
        </Section>
      )}
      <Section name="Context">
        <Context now={snapshot} before={step?.before} />
      </Section>
      {snapshot.output !== undefined && (
        <Section name="Output">
          <Json name="output" value={snapshot.output} open />
        </Section>
      )}
      {snapshot.error !== undefined && (
        <Section name="Error">
          <Json name="error" value={snapshot.error} open />
        </Section>
      )}
      {model && (
        <Section name="What may come next" closed>
          <Ways {...props} model={model} />
        </Section>
      )}
    </div>
  );
}

/** The panel of the actor that is shown. */
export function Detail(props: PanelProps): ReactNode {
  const actor = shownActor(props.state);
  const snapshot = actor && snapshotAt(props.state, actor.key);
  return (
    <section className="panel detail-panel" data-panel="detail" aria-label="Detail">
      <header className="panel-head">
        <h2>Detail</h2>
        <span className="count">{actor ? actorName(actor) : ''}</span>
      </header>
      <div className="detail-room">
        {actor && snapshot ? (
          <Moment {...props} actor={actor} snapshot={snapshot} />
        ) : (
          <p className="empty">{actor ? 'It had not begun by then.' : 'Choose an actor or a step.'}</p>
        )}
      </div>
    </section>
  );
}
