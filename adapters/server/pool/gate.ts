/** How many sessions are woken at once: a process that wakes all of them at the same time gets nowhere with any. */
import type { Clock } from '../../../machines/ports';

/** Whoever is not through by then waits for others, which costs this process little: the place is given away, in ms. */
const heldForMs = 2_000;

export type Gate<Who> = {
  /** A place at once, however many are taken: for what somebody insists on. */
  take(who: Who): void;
  /** It is through, or gone. */
  leave(who: Who): void;
  /** For somebody who needs it to go on: `undefined` where there is a place, else resolves when it is this one's turn. */
  turn(who: Who): Promise<void> | undefined;
  /** When nobody who needs it waits: calls `enter`, now or later, once. That answers whether it still wants the place. */
  nudge(who: Who, enter: () => boolean): void;
  /** How many wait. */
  readonly waiting: number;
  /** Whether any of them is needed. */
  readonly isNeeded: boolean;
  /** It is over: who waits goes on, and finds out. */
  clear(): void;
};

type Turn = { readonly come: Promise<void>; readonly enter: () => void };

function createTurn(): Turn {
  let enter = (): void => {};
  const come = new Promise<void>((resolve) => {
    enter = resolve;
  });
  return { come, enter };
}

export function createGate<Who>(places: number, timers: Pick<Clock, 'setTimeout' | 'clearTimeout'>): Gate<Who> {
  /** With what ends it at the latest. */
  const inside = new Map<Who, unknown>();
  /** In the order in which they came. */
  const needed = new Map<Who, Turn>();
  const nudged = new Map<Who, () => boolean>();

  function take(who: Who): void {
    if (!inside.has(who))
      inside.set(
        who,
        timers.setTimeout(() => leave(who), heldForMs),
      );
    nudged.delete(who);
  }

  function release(who: Who): boolean {
    timers.clearTimeout(inside.get(who));
    return inside.delete(who);
  }

  function leave(who: Who): void {
    if (release(who)) admit();
  }

  /** The place first: it may be through before this returns. */
  function admitNudged(who: Who, enter: () => boolean): void {
    take(who);
    if (!enter()) release(who);
  }

  function admit(): void {
    for (const [who, { enter }] of needed) {
      if (inside.size >= places) return;
      needed.delete(who);
      take(who);
      enter();
    }
    for (const [who, enter] of nudged) {
      if (inside.size >= places) return;
      admitNudged(who, enter);
    }
  }

  return {
    take,
    leave,
    turn: (who) => {
      if (inside.has(who)) return undefined;
      const known = needed.get(who);
      if (known) return known.come;
      if (inside.size < places) {
        take(who);
        return undefined;
      }
      nudged.delete(who);
      const turn = createTurn();
      needed.set(who, turn);
      return turn.come;
    },
    nudge: (who, enter) => {
      if (inside.has(who) || needed.has(who) || nudged.has(who)) return;
      if (inside.size >= places) nudged.set(who, enter);
      else admitNudged(who, enter);
    },
    get waiting() {
      return needed.size + nudged.size;
    },
    get isNeeded() {
      return needed.size > 0;
    },
    clear: () => {
      for (const timer of inside.values()) timers.clearTimeout(timer);
      inside.clear();
      nudged.clear();
      for (const [who, { enter }] of needed) {
        needed.delete(who);
        enter();
      }
    },
  };
}
