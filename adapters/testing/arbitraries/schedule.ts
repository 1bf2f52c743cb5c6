/** fast-check draws schedules, and makes those that fail short. */
import { type Arbitrary, array, constantFrom, nat, record } from 'fast-check';
import { checkKnown, checkNumber, checkObject, checkOneOf } from '../../../machines/check';
import { type Family, families } from '../simulate/families';
import { drawSetting } from '../simulate/plan';
import { choiceSteps, createRandom, randomFromChoices } from '../simulate/random';
import type { Schedule, Setting, Step } from '../simulate/schedule';

export type ScheduleArbitraryOptions = {
  /** Which families of faults and deeds may happen; default all. */
  readonly faults?: readonly [Family, ...Family[]];
  /** The most tabs of the world, 1 to 5. Default 3. */
  readonly maxTabs?: number;
  /** The most steps. Default 20. */
  readonly maxSteps?: number;
  /** The longest between two steps, in ms. Default 120000. */
  readonly maxWaitMs?: number;
  /** How long the world lives on after the last step, in ms. Default 60000. */
  readonly restMs?: number;
  /** What is not left to chance. */
  readonly setting?: Partial<Setting>;
};

const known = ['faults', 'maxTabs', 'maxSteps', 'maxWaitMs', 'restMs', 'setting'];
/** Numbers that a deed is drawn from; none draws more. Fewer and smaller ones make it simpler. */
const choices: Arbitrary<number[]> = array(nat({ max: choiceSteps - 1 }), { maxLength: 12, size: 'max' });

/** One number for the whole world: any other makes some world, 0 the plain one. */
const settingOf = (luck: number, maxTabs: number): Setting =>
  drawSetting(luck === 0 ? randomFromChoices([]) : createRandom(luck), maxTabs);

/**
 * Schedules of events and faults for `runSchedule()`. One that fails shrinks to fewer steps, shorter waits, milder faults and a
 * plainer world.
 *
 * @param options `faults`, `maxTabs` (default 3), `maxSteps` (20), `maxWaitMs` (120000), `restMs` (60000), `setting`
 * @throws ConfigurationError for an option that cannot work
 * @example
 * await fc.assert(
 *   fc.asyncProperty(scheduleArbitrary({ maxTabs: 2 }), async (schedule) => {
 *     assertInvariants(await runSchedule(schedule));
 *   }),
 * );
 */
export function scheduleArbitrary(options: ScheduleArbitraryOptions = {}): Arbitrary<Schedule> {
  checkObject('scheduleArbitrary', options);
  checkKnown('scheduleArbitrary', options, known);
  const names = Object.keys(families) as [Family, ...Family[]];
  const { faults = names, maxTabs = 3, maxSteps = 20, maxWaitMs = 120_000, restMs = 60_000, setting = {} } = options;
  faults.forEach((fault, index) => {
    checkOneOf(`scheduleArbitrary.faults[${index}]`, fault, names);
  });
  checkNumber('scheduleArbitrary.maxTabs', maxTabs, { min: 1, max: 5, integer: true });
  checkNumber('scheduleArbitrary.maxSteps', maxSteps, { min: 0, max: 1_000, integer: true });
  checkNumber('scheduleArbitrary.maxWaitMs', maxWaitMs, { min: 0, max: 2 ** 31 - 1, integer: true });
  checkNumber('scheduleArbitrary.restMs', restMs, { min: 0, integer: true });

  const step: Arbitrary<Step> = record({
    after: nat({ max: maxWaitMs }),
    family: constantFrom(...faults),
    luck: choices,
  }).map(({ after, family, luck }) => ({ after, ...families[family](randomFromChoices(luck)) }));
  return record({
    luck: nat(),
    steps: array(step, { maxLength: maxSteps, size: 'max' }),
  }).map(({ luck, steps }) => ({
    setting: { ...settingOf(luck, maxTabs), ...setting },
    steps,
    restMs,
  }));
}
