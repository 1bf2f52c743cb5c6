/** Orthogonal lines as SVG paths. */
import type { Head } from './layout-types';

export type Point = { readonly x: number; readonly y: number };

const round = (value: number): number => Math.round(value * 10) / 10;
const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
const distance = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y);

/** The point that lies `by` pixels from `from` on the way to `to`. */
function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

/** Points that lie where they already were, or on the way between two others, are no corners. */
function corners(points: readonly Point[]): readonly Point[] {
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before || !after) return true;
    const turn = (point.x - before.x) * (after.y - point.y) - (point.y - before.y) * (after.x - point.x);
    return Math.abs(turn) > 0.01;
  });
}

/** A step aside of so few pixels looks like a mistake. */
const jog = 5;

/** Without a jog right before its end: the line ends a few pixels further along the border of the box instead. */
function straightEnd(points: readonly Point[]): readonly Point[] {
  const [a, b, c, d] = points.slice(-4);
  if (!a || !b || !c || !d || distance(b, c) > jog) return points;
  const [before, after] = [
    { x: b.x - a.x, y: b.y - a.y },
    { x: d.x - c.x, y: d.y - c.y },
  ];
  const goesOn = before.x * after.x + before.y * after.y > 0;
  return goesOn ? [...points.slice(0, -3), { x: d.x + b.x - c.x, y: d.y + b.y - c.y }] : points;
}

/** Without jogs at its ends. */
export const straightened = (points: readonly Point[]): readonly Point[] =>
  straightEnd([...straightEnd([...corners(points)].reverse())].reverse());

/** A path along `points`, with corners rounded by at most `radius`. */
export function roundedPath(points: readonly Point[], radius: number): string {
  const [first, ...rest] = corners(points);
  if (!first) return '';
  const way = [first, ...rest];
  return way
    .map((point, index) => {
      const [before, after] = [way[index - 1], way[index + 1]];
      if (!before) return `M${at(point)}`;
      if (!after) return `L${at(point)}`;
      const by = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
      return `L${at(towards(point, before, by))}Q${at(point)} ${at(towards(point, after, by))}`;
    })
    .join('');
}

/** Where the line ends, and in which direction. */
export function headOf(points: readonly Point[]): Head {
  const end = points.at(-1) ?? { x: 0, y: 0 };
  const before = [...points].reverse().find((point) => distance(point, end) > 0.01) ?? end;
  return {
    x: round(end.x),
    y: round(end.y),
    angle: Math.round((Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI),
  };
}
