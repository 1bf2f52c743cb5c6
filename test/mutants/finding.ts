/** What `simulate` found about a mutant, and how it is played again. */
import type { InvariantId, Violation } from '../../adapters/testing/invariants/types';
import type { Family } from '../../adapters/testing/simulate/families';
import { type Played, runSchedule } from '../../adapters/testing/simulate/run-schedule';
import type { Schedule, Setting } from '../../adapters/testing/simulate/schedule';

/** The content of test/mutants/schedules/<id>.json. */
export type Finding = {
  /** `null`: the world broke down, by an error or in an endless loop of timers. */
  readonly invariant: InvariantId | null;
  /** The world in which it was found, and how many were played until then. */
  readonly worldSeed: number;
  readonly worlds: number;
  /** As short as it got: breaks the invariant with the mutant, and nothing without it. */
  readonly schedule: Schedule;
};

/** A search for a world that a mutant does not survive. */
export type Quest = {
  readonly seed: number;
  /** Worlds to play at most. */
  readonly worlds: number;
  readonly longestMs: number;
  readonly maxTabs: number;
  /** Which families of faults may happen: those that a mutant is about are met sooner where there is little else. */
  readonly faults: readonly Family[];
  readonly shrinkTries: number;
  /** What each of the worlds is like, instead of what luck says. */
  readonly setting: Partial<Setting>;
  /** Worlds that break an invariant without any mutant: they show nothing. */
  readonly except: readonly number[];
  /** Empty: every world is played, and those that break something are only counted. */
  readonly file: string;
};

/** How a world ended. */
export type End = {
  /** `null`: it broke down. */
  readonly played: Played | null;
  readonly invariant: InvariantId | null;
  readonly complaint: string;
  /** Trace entries up to what shows it. */
  readonly entries: number;
};

const complaintOf = ({ title, message }: Violation): string => `${title}\n${message}`;

/** Plays a schedule. `null`: every invariant holds. */
export async function playOut(schedule: Schedule): Promise<End | null> {
  try {
    const played = await runSchedule(schedule);
    const [found] = played.violations;
    if (!found) return null;
    const entries = (found.entries.at(-1) ?? 0) + 1;
    return { played, invariant: found.invariant, complaint: complaintOf(found), entries };
  } catch (thrown) {
    const complaint = `The world broke down: ${thrown instanceof Error ? thrown.message : 'no error'}`;
    return { played: null, invariant: null, complaint, entries: 0 };
  }
}
