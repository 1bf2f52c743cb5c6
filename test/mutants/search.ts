/**
 * `npx tsx test/mutants/search.ts M12 --faults "rate limits,reads"`: looks for a simulated world that a mutant does not survive, and
 * keeps the shortest schedule that shows it, for run.ts to play. Without `--faults` everything may happen.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Family, families } from '../../adapters/testing/simulate/families';
import type { Finding, Quest } from './finding';
import { scheduleFile } from './judge';
import { mutants } from './list';
import type { Mutant } from './mutant';
import { openSuite, type Suite } from './suite';

const { values: given, positionals: ids } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '2026' },
    worlds: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '8' },
    tabs: { type: 'string', default: '3' },
    shrink: { type: 'string', default: '60' },
    faults: { type: 'string' },
    setting: { type: 'string', default: '{}' },
  },
});

const questFor = (file: string, except: readonly number[]): Quest => ({
  seed: Number(given.seed),
  worlds: Number(given.worlds),
  longestMs: Number(given.minutes) * 60_000,
  maxTabs: Number(given.tabs),
  faults: (given.faults?.split(',') ?? Object.keys(families)) as Family[],
  setting: JSON.parse(given.setting) as Quest['setting'],
  shrinkTries: Number(given.shrink),
  except,
  file,
});

/** A world that breaks without the mutant as well shows nothing: then it goes on. */
async function search(suite: Suite, mutant: Mutant): Promise<string> {
  const file = scheduleFile(mutant.id);
  rmSync(file, { force: true });
  const except: number[] = [];
  for (;;) {
    const quest = JSON.stringify(questFor(file, except));
    const [hunt] = await suite.run(mutant, ['test/mutants/catchers/search.catch.ts'], { given: quest });
    if (hunt?.state !== 'failed' || !existsSync(file)) return `nothing found in ${given.worlds} worlds`;
    const [clean] = await suite.run(null, ['test/mutants/catchers/simulate.catch.ts'], { given: mutant.id });
    if (clean?.state === 'passed') return `${file}\n${hunt.message}`;
    except.push((JSON.parse(readFileSync(file, 'utf8')) as Finding).worldSeed);
    rmSync(file);
  }
}

const suite = await openSuite();
for (const mutant of mutants.filter(({ id }) => ids.includes(id)))
  console.log(`${mutant.id} ${mutant.title}: ${await search(suite, mutant)}`);
await suite.close();
