/** A chart laid out: everything in pixels from the top left corner of the drawing. */
import type { ChartModel, ChartNode } from './model';

export type Role = 'title' | 'description' | 'event' | 'guard' | 'detail';

export type Run = { readonly text: string; readonly role: Role };

export type TextLine = {
  /** The left end of the base line. */
  readonly x: number;
  readonly y: number;
  /** What it was measured at; pin it with `textLength`. */
  readonly width: number;
  readonly size: number;
  readonly bold: boolean;
  readonly runs: readonly Run[];
  /** The transition that this line stands for, where it does. */
  readonly transition?: string;
};

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** The point where an arrow ends and where it points to, in degrees: 0 to the right, 90 down. */
export type Head = { readonly x: number; readonly y: number; readonly angle: number };

export type DrawnNode = Box & {
  /** The state's path, as in the model. */
  readonly id: string;
  readonly node: ChartNode;
  /** How many states are around it. */
  readonly depth: number;
  readonly lines: readonly TextLine[];
  /** Where a line parts the heading from what is below; none without anything below. */
  readonly ruleY: number | undefined;
};

export type DrawnEdge = {
  /** `from>to`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Ids of the transitions that go this way, in order: the lines of the label say them one by one. */
  readonly transitions: readonly string[];
  /** A path's `d`: horizontal and vertical pieces with round corners. */
  readonly d: string;
  readonly head: Head;
  readonly label: (Box & { readonly lines: readonly TextLine[] }) | undefined;
};

/** The dot and arrow that say where a state begins. */
export type DrawnStart = {
  readonly within: string;
  readonly to: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly d: string;
  readonly head: Head;
};

export type ChartLayout = {
  readonly model: ChartModel;
  readonly width: number;
  readonly height: number;
  /** Each state before what it holds, so that they can be drawn in order. The root is not drawn, but for its lines. */
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  readonly starts: readonly DrawnStart[];
};
