/** Plays the schedules that `simulate` found for mutants: env MUTANT names them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Finding, playOut } from '../finding';

it.for((process.env.MUTANT ?? '').split(','))('the world of %s holds every invariant', async (id, { task }) => {
  const { schedule } = JSON.parse(readFileSync(`test/mutants/schedules/${id}.json`, 'utf8')) as Finding;
  const end = await playOut(schedule);
  Object.assign(task.meta, { invariant: end?.invariant ?? null, entries: end?.entries ?? 0 });
  expect(end?.complaint ?? '').toBe('');
});
