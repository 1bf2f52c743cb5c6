/** Who notices a mutant. */
import { existsSync, readFileSync } from 'node:fs';
import type { Finding } from './finding';
import type { ByTest, Catcher, Mutant } from './mutant';
import type { Suite, TestOutcome } from './suite';

/** What caught a mutant, and how far that had come. */
export type Catch = {
  readonly by: Catcher['by'] | 'hanging';
  /** The test's title, or the law that was broken. */
  readonly what: string;
  readonly after: string;
};

export type Verdict = {
  readonly id: string;
  readonly title: string;
  /** `null`: it survived. */
  readonly caught: Catch | null;
  /** Expected to catch it, and did not. */
  readonly missed: readonly string[];
  readonly seconds: number;
};

const simulateFile = 'test/mutants/catchers/simulate.catch.ts';
const exploreFile = 'test/mutants/catchers/explore.catch.ts';

export const scheduleFile = (id: string): string => `test/mutants/schedules/${id}.json`;
export const isNamed = (catcher: Catcher): catcher is ByTest => catcher.by === 'test';

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function bySimulate(id: string, { meta, message }: TestOutcome): Catch {
  const { worlds, worldSeed, schedule } = JSON.parse(readFileSync(scheduleFile(id), 'utf8')) as Finding;
  const steps = plural(schedule.steps.length, 'step');
  const entries = typeof meta.entries === 'number' && meta.entries > 0 ? `, trace entry ${meta.entries}` : '';
  const law = typeof meta.invariant === 'string' ? meta.invariant : message.split('\n')[0];
  return {
    by: 'simulate',
    what: law ?? 'a world that broke down',
    after: `${steps}${entries} (world ${worldSeed}, ${worlds} of its search)`,
  };
}

const byExplore = ({ meta }: TestOutcome): Catch => ({
  by: 'explore',
  what: String(meta.law),
  after: `${plural(Number(meta.moves), 'move')}, ${plural(Number(meta.states), 'state')}`,
});

async function ask(suite: Suite, mutant: Mutant, catcher: Catcher): Promise<Catch | null> {
  const files = { simulate: simulateFile, explore: exploreFile, test: isNamed(catcher) ? catcher.file : '' };
  const titles = isNamed(catcher) ? [catcher.title] : [];
  const outcomes = await suite.run(mutant, [files[catcher.by]], {
    titles,
    given: catcher.by === 'explore' ? catcher.scene : mutant.id,
  });
  if (outcomes.length === 0) throw new Error(`${mutant.id}: no test of ${files[catcher.by]} is called "${titles[0]}"`);
  const failed = outcomes.find(({ state }) => state === 'failed');
  if (!failed) return null;
  if (catcher.by === 'simulate') return bySimulate(mutant.id, failed);
  if (catcher.by === 'explore') return byExplore(failed);
  return { by: 'test', what: `${failed.file.replace(/^test\//, '')}: ${failed.title}`, after: '1 test' };
}

const nameOf = (catcher: Catcher): string => (isNamed(catcher) ? `${catcher.file}: ${catcher.title}` : catcher.by);

/** Asks those who are expected to catch a mutant, in their order, until one does. */
export async function judge(suite: Suite, mutant: Mutant): Promise<Verdict> {
  const began = performance.now();
  const missed: string[] = [];
  let caught: Catch | null = null;
  for (const catcher of mutant.caughtBy) {
    caught = await ask(suite, mutant, catcher);
    if (caught) break;
    missed.push(nameOf(catcher));
  }
  const { id, title } = mutant;
  return { id, title, caught, missed, seconds: (performance.now() - began) / 1_000 };
}

/** What fails without any mutant: with that, nothing would be shown. */
export async function judgeUnmutated(suite: Suite, mutants: readonly Mutant[]): Promise<readonly string[]> {
  const catchers = mutants.flatMap(({ caughtBy }) => caughtBy);
  const named = catchers.filter(isNamed);
  const files = [...new Set(named.map(({ file }) => file))];
  const outcomes = [...(await suite.run(null, files, { titles: named.map(({ title }) => title) }))];
  const played = mutants.filter(
    ({ id, caughtBy }) => caughtBy.some(({ by }) => by === 'simulate') && existsSync(scheduleFile(id)),
  );
  if (played.length > 0)
    outcomes.push(...(await suite.run(null, [simulateFile], { given: played.map(({ id }) => id).join() })));
  const scenes = new Set(catchers.flatMap((catcher) => (catcher.by === 'explore' ? [catcher.scene] : [])));
  if (scenes.size > 0) outcomes.push(...(await suite.run(null, [exploreFile], { given: [...scenes].join() })));
  return outcomes
    .filter(({ state }) => state !== 'passed')
    .map(({ file, title, message }) => `${file}: ${title}\n${message}`);
}
