import type { LifecycleState } from '../../../../index';
import { find, makeSvg } from './dom';

type Name = LifecycleState['state'];

const windowSeconds = 120;

/** A refresh takes a few milliseconds: it is drawn as long as this, over its neighbour, or nobody would see it. */
const leastSeconds = 0.7;

/** The states of the last two minutes as a band that moves to the left. */
export function createTimeline(): { update(state: Name, nowMs: number): void; tick(nowMs: number): void } {
  const svg = makeSvg('svg', { viewBox: `0 0 ${windowSeconds} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  find('#timeline').append(svg);
  const bands: { readonly state: Name; readonly from: number; until: number | null; readonly rect: SVGElement }[] = [];

  const place = (nowMs: number): void => {
    const x = (at: number): number => windowSeconds - (nowMs - at) / 1000;
    while (bands[0]?.until != null && x(bands[0].until) < 0) bands.shift()?.rect.remove();
    for (const { from, until, rect } of bands) {
      const left = Math.max(0, x(from));
      rect.setAttribute('x', left.toFixed(3));
      rect.setAttribute('width', Math.max(leastSeconds, x(until ?? nowMs) - left).toFixed(3));
    }
  };

  return {
    update: (state, nowMs) => {
      const last = bands.at(-1);
      if (last?.state === state) return;
      if (last) last.until = nowMs;
      const rect = makeSvg('rect', { y: 0, height: 1, width: 0, class: 'band', 'data-state': state });
      bands.push({ state, from: nowMs, until: null, rect });
      svg.append(rect);
      if (last && nowMs - last.from < leastSeconds * 1000) svg.append(last.rect);
      place(nowMs);
    },
    tick: place,
  };
}
