import type { ReactNode } from 'react';
import { actorName } from '../trace/actor-name';
import { stateText, topState } from '../trace/state-text';
import type { Actor, Source } from '../trace/types';
import { shownActorKey, snapshotAt, treeOf } from '../view/select';
import type { PanelProps } from './panel';
import { toneOf } from './tone';

function Group({ source, state, dispatch }: PanelProps & { readonly source: Source }): ReactNode {
  const shown = shownActorKey(state);
  const all = treeOf(state.trace, source.id);
  const living = all.filter(({ actor }) => !actor.ended);
  const ended = all.length - living.length;
  // Promises come and go by the hundred: they are shown among all events, and what has ended while it is looked at.
  const isListed = (actor: Actor): boolean =>
    !actor.ended && (state.filter.everything || actor.definition !== undefined);
  const listed = all.filter(({ actor }) => isListed(actor) || actor.key === shown);
  return (
    <section className="tree-group" aria-label={source.label} data-closed={source.closed}>
      <h3>
        {source.label}
        {source.closed && <span className="count">closed</span>}
      </h3>
      <ul>
        {listed.map(({ actor, depth }) => {
          const snapshot = snapshotAt(state, actor.key) ?? {};
          return (
            <li key={actor.key} style={{ paddingInlineStart: `${depth * 14}px` }}>
              <button
                type="button"
                className="actor"
                aria-current={actor.key === shown}
                data-actor={actor.name}
                data-tone={toneOf(topState(snapshot))}
                onClick={() => dispatch({ type: 'actor.picked', actor: actor.key })}
              >
                <span className="dot" data-machine={actor.definition !== undefined} aria-hidden="true" />
                <span className="actor-name">{actorName(actor)}</span>
                <span className="actor-state">{stateText(snapshot)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {ended > 0 && <p className="count">{ended === 1 ? '1 actor has ended' : `${ended} actors have ended`}</p>}
    </section>
  );
}

/** Who is there, tab by tab. */
export function ActorTree(props: PanelProps): ReactNode {
  const { sources } = props.state.trace;
  return (
    <nav className="panel tree-panel" data-panel="actors" aria-label="Actors">
      <header className="panel-head">
        <h2>Actors</h2>
      </header>
      <div className="tree">
        {sources.map((source) => (
          <Group key={source.id} source={source} {...props} />
        ))}
        {sources.length === 0 && <p className="empty">Waiting for an inspector.</p>}
      </div>
    </nav>
  );
}
