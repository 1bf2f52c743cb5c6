/** Looks for a world that a mutant does not survive: env MUTANT says how many to play, and to which file the finding goes. */
import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { planSchedule } from '../../../adapters/testing/simulate/plan';
import { createRandom } from '../../../adapters/testing/simulate/random';
import { runSchedule } from '../../../adapters/testing/simulate/run-schedule';
import type { Schedule } from '../../../adapters/testing/simulate/schedule';
import { shrinkList } from '../../../adapters/testing/simulate/shrink';
import { shrinkSchedule } from '../../../adapters/testing/simulate/shrink-schedule';
import { type End, type Finding, playOut, type Quest } from '../finding';

/** What breaks the same. */
async function shorten(schedule: Schedule, { played, invariant }: End, tries: number): Promise<Schedule> {
  if (played && invariant) return (await shrinkSchedule(played, invariant, (one) => runSchedule(one), tries)).schedule;
  const breaksDown = async (steps: readonly Schedule['steps'][number][]): Promise<boolean> =>
    (await playOut({ ...schedule, steps }))?.played === null;
  return { ...schedule, steps: await shrinkList(schedule.steps, breaksDown, { tries: Math.min(tries, 20) }) };
}

it('looks for a world', { timeout: 600_000 }, async ({ task }) => {
  const quest = JSON.parse(process.env.MUTANT ?? '{}') as Quest;
  const { seed, longestMs, maxTabs, faults, except } = quest;
  const random = createRandom(seed);
  const broken: number[] = [];
  for (let worlds = 1; worlds <= quest.worlds; worlds += 1) {
    const worldSeed = random.int(0, 2 ** 31 - 1);
    if (except.includes(worldSeed)) continue;
    const planned = planSchedule(worldSeed, { longestMs, maxTabs, faults });
    const found = { ...planned, setting: { ...planned.setting, ...quest.setting } };
    const end = await playOut(found);
    if (!end) continue;
    broken.push(worldSeed);
    if (quest.file === '') continue;
    const schedule = await shorten(found, end, quest.shrinkTries);
    const finding: Finding = { invariant: end.invariant, worldSeed, worlds, schedule };
    writeFileSync(quest.file, `${JSON.stringify(finding)}\n`);
    Object.assign(task.meta, { invariant: end.invariant, worlds, steps: schedule.steps.length });
    throw new Error(end.complaint);
  }
  Object.assign(task.meta, { broken });
});
