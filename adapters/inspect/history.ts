/** What is kept for a viewer that comes late, or again. */

/** What has to be known of an event to keep it well. */
type Kept = { readonly type: string; readonly definition?: unknown };

export type History<T> = {
  add(event: T): void;
  /** Oldest first; the charts of actors that registered long ago are still among them. */
  all(): readonly T[];
  clear(): void;
};

/** Without its chart, nothing of what an actor does can be drawn. */
const hasChart = ({ type, definition }: Kept): boolean =>
  type === '@xstate.actor' && typeof definition === 'string' && definition.includes('"states"');

/** A page that makes machines without end would otherwise keep each of their charts. */
const maxCharts = 100;

/**
 * The last `limit` events, and before them the charts of actors whose registration is older.
 *
 * @param see what is looked at of an event; the relay keeps texts
 */
export function createHistory<T>(limit: number, see: (event: T) => Kept): History<T> {
  const charts: T[] = [];
  const events: T[] = [];
  return {
    add: (event) => {
      events.push(event);
      if (events.length <= limit) return;
      const oldest = events.shift();
      if (oldest === undefined || !hasChart(see(oldest))) return;
      charts.push(oldest);
      if (charts.length > maxCharts) charts.shift();
    },
    all: () => [...charts, ...events],
    clear: () => {
      charts.length = 0;
      events.length = 0;
    },
  };
}
