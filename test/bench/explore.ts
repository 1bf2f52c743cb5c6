/**
 * `npm run explore`: every state of the token machine, scene by scene, then two tabs. `-- tab growing` for some of it.
 *
 * `--limit 50000`: states after which two tabs give up where everything may go wrong (default 30,000). `--missed` lists the
 * transitions that no scene takes.
 */
import { parseArgs } from 'node:util';
import { transitionLine } from '../../adapters/testing/explore/coverage';
import { explore, inWords } from '../../adapters/testing/explore/explore';
import {
  lifecycleExploration,
  type SceneName,
  sceneNames,
  sceneSays,
} from '../../adapters/testing/explore/lifecycle/exploration';
import { type SearchReport, search } from '../../adapters/testing/explore/search';
import { sessionExploration } from '../../adapters/testing/explore/session/exploration';
import { tabsExploration } from '../../adapters/testing/explore/tabs/system';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string', default: '30000' }, missed: { type: 'boolean', default: false } },
});
const isScene = (name: string): name is SceneName => (sceneNames as readonly string[]).includes(name);
const tabs = {
  'two-tabs': { says: 'two tabs where only messages go wrong: late, twice, never', scene: 'calm', limit: 1_000_000 },
  'two-tabs-all': { says: 'two tabs where everything may go wrong', scene: 'all', limit: Number(values.limit) },
} as const;

const chosen = positionals.length > 0 ? positionals : [...sceneNames, 'session', ...Object.keys(tabs)];
let missed: readonly string[] | null = null;
let broken = 0;

function tell(name: string, says: string, report: SearchReport): void {
  console.log(`\n${name}: ${says}\n${inWords(report)}`);
  if (!report.violation) return;
  broken += 1;
  console.log(`Replay: ${JSON.stringify(report.violation.file)}`);
}

for (const name of chosen) {
  if (isScene(name)) {
    const { neverWalked, ...report } = explore(tokenMachine, lifecycleExploration({ scene: name }));
    const lines = neverWalked.map(transitionLine);
    missed = missed === null ? lines : missed.filter((line) => lines.includes(line));
    tell(name, sceneSays(name), report);
  } else if (name === 'session') {
    tell(name, 'sign-in, switch and sign-out at any moment', explore(sessionMachine, sessionExploration()));
  } else if (name in tabs) {
    const { says, scene, limit } = tabs[name as keyof typeof tabs];
    const { system, invariants } = tabsExploration(tokenMachine, { scene });
    tell(name, says, search(system, { invariants, limit }));
  } else {
    throw new Error(
      `There is no "${name}". There are: ${[...sceneNames, 'session', ...Object.keys(tabs)].join(', ')}.`,
    );
  }
}
if (missed !== null) {
  console.log(`\nTransitions that none of these scenes takes: ${missed.length}`);
  if (values.missed) console.log(missed.map((line) => `  ${line}`).join('\n'));
}
process.exitCode = broken > 0 ? 1 : 0;
