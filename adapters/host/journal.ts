/** The last transitions, redacted: facts and fingerprints only, as everything that a machine has. */
import type { InspectionEvent } from 'xstate';
import { keyLabel } from '../../machines/key';
import type { TokenContext } from '../../machines/token/context';
import type { HistoryEntry } from './types';

const kept = 200;
/** Of these, in prose. */
const told = 12;

export type Journal = {
  observe(event: InspectionEvent): void;
  entries(): readonly HistoryEntry[];
  /** How things stand now, in prose, the last transition first. Put into words when it is asked for. */
  account(summary: () => string): () => string;
};

type Definition = {
  readonly meta?: { readonly ids?: readonly string[] };
  readonly description?: string | undefined;
  readonly target?: readonly { readonly id: string }[] | undefined;
  readonly eventType?: string;
  readonly source?: { readonly id: string };
};

const short = (id: string): string => id.split('.').slice(1).join('.') || id;

export function createJournal(nowMs: () => number): Journal {
  const entries: HistoryEntry[] = [];
  let lastEvent: unknown;

  function observe(event: InspectionEvent): void {
    if (event.type !== '@xstate.microstep') return;
    const context = (event.snapshot as { context?: Partial<TokenContext> }).context;
    const key = context?.key ? keyLabel(context.key) : null;
    for (const transition of event._transitions as unknown as Definition[]) {
      const target = transition.target?.[0];
      const ids = transition.meta?.ids;
      // A look at the clock that changed nothing is no news, nor is a timer that was armed again.
      if (!target || !ids || target.id === transition.source?.id) continue;
      const from = transition.source ? short(transition.source.id) : '';
      // Where a state is entered with nothing to serve, that is how it begins, and nothing that happened.
      const justEntered = event.event === lastEvent && from.startsWith(`${entries.at(-1)?.to}.`);
      if (justEntered && from.endsWith('.serving')) continue;
      lastEvent = event.event;
      const cause = transition.eventType || event.event.type;
      entries.push({
        at: nowMs(),
        key,
        from,
        to: short(target.id),
        event: cause.startsWith('xstate.') ? readable(cause) : cause,
        ids,
        description: transition.description ?? '',
      });
      if (entries.length > kept) entries.shift();
    }
  }

  return {
    observe,
    entries: () => [...entries],
    account: (summary) => {
      const last = entries.slice(-told);
      return () => [summary(), ...last.map(line).reverse()].join('\n');
    },
  };
}

const line = ({ at, key, from, to, ids, description }: HistoryEntry): string =>
  `${new Date(at).toISOString()}  ${key ? `${key}: ` : ''}${from} → ${to} (${ids.join(', ')}). ${description}`;

/** `xstate.done.actor.mint` → `mint done`; `xstate.after.untilStale.token.fresh` → `after untilStale`. */
function readable(type: string): string {
  const [, kind, ...rest] = type.split('.');
  if (kind === 'after') return `after ${rest[0] ?? ''}`.trim();
  return `${rest.at(-1) ?? ''} ${kind ?? ''}`.trim();
}
