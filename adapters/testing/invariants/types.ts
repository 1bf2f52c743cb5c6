/** What an invariant is, and what it says when it is broken. */
import type { Trace } from '../trace';

/** Those of lifecycle.md §12, and `R7`: what §7 says of tokens that were not minted here. */
export type InvariantId =
  | 'S1'
  | 'S2'
  | 'S3'
  | 'S4'
  | 'S5'
  | 'S6'
  | 'S7'
  | 'S8'
  | 'S9'
  | 'S10'
  | 'S11'
  | 'L1'
  | 'L2'
  | 'L3'
  | 'L4'
  | 'R7';

/** One case in which an invariant does not hold. */
export type Violation = {
  readonly invariant: InvariantId;
  readonly title: string;
  /** What happened, for somebody who knows neither the machine nor the library. */
  readonly message: string;
  /** True ms since the world began. */
  readonly at: number;
  readonly tab: number | null;
  /** Places in the trace that show it, in order. */
  readonly entries: readonly number[];
};

export type CheckOptions = {
  /**
   * True ms since when network and origin have been healthy, every tab could run, and nobody has interfered. L2 and L3 speak of
   * the end of such a time: without it they have nothing to say. Leave at least `recoveryMs(trace)` between it and the end.
   */
  readonly healthySince?: number;
};

/** A law of lifecycle.md §12 over what could be seen of a world. */
export type WorldInvariant = {
  readonly id: InvariantId;
  readonly title: string;
  /** What holds, and with which tolerances. */
  readonly description: string;
  /** The first case in the trace that breaks it, or `null`. */
  check(trace: Trace, options?: CheckOptions): Violation | null;
};

/** How a law says no; the rest of the violation is the same each time. */
export type Complaint = Pick<Violation, 'message' | 'entries'>;
