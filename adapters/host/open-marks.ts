/** For how long the requests that marks stand for may still be open, however the wall clock is set meanwhile (R5.14, R5.16). */
import type { Instant } from '../../machines/time';
import type { Mark } from './mark';
import type { Observer } from './observer';

/** Marks of requests that are over say nothing any more. */
const rememberedMarks = 20;

/** @returns in ms, 0 once the request is over */
export function createOpenMarks(observer: Observer, requestTimeoutMs: number): (mark: Mark) => number {
  /** As they were first seen: a wall clock that is set while the request is open ends it no earlier. */
  const seen = new Map<string, { readonly at: Instant; readonly openMs: number }>();

  return ({ owner, deadline }) => {
    const now = observer.now();
    const openMs = Math.min(requestTimeoutMs, Math.max(0, deadline - now.wallMs));
    const name = `${owner} ${deadline}`;
    const first = seen.get(name) ?? { at: now, openMs };
    seen.set(name, first);
    const [oldest] = seen.size > rememberedMarks ? seen.keys() : [];
    if (oldest !== undefined) seen.delete(oldest);
    return Math.max(0, first.openMs - (now.monotonicMs - first.at.monotonicMs));
  };
}
