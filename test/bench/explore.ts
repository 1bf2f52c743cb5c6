/**
 * `npm run explore`: every state of the token machine, scene by scene; `-- tab growing` for some of them.
 * `--limit 50000` gives up after so many states, `--missed` lists the transitions that no scene takes.
 */
import { parseArgs } from 'node:util';
import { transitionLine } from '../../adapters/testing/explore/coverage';
import { explore } from '../../adapters/testing/explore/explore';
import {
  lifecycleExploration,
  type SceneName,
  sceneNames,
  sceneSays,
} from '../../adapters/testing/explore/lifecycle/exploration';
import { tokenMachine } from '../../machines/token/machine';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, missed: { type: 'boolean', default: false } },
});
const chosen = positionals.length > 0 ? positionals : sceneNames;
let missed: readonly string[] | null = null;
let broken = 0;

for (const scene of chosen) {
  const options = lifecycleExploration({
    scene: scene as SceneName,
    ...(values.limit !== undefined && { limit: Number(values.limit) }),
  });
  console.log(`\n${scene}: ${sceneSays(scene as SceneName)}`);
  const report = explore(tokenMachine, options);
  const { neverWalked, ...rest } = report;
  const lines = neverWalked.map(transitionLine);
  missed = missed === null ? lines : missed.filter((line) => lines.includes(line));
  console.log(String(report).split('\nNever taken:')[0]);
  if (rest.violation) {
    broken += 1;
    console.log(`Replay: ${JSON.stringify(rest.violation.file)}`);
  }
}
const left = missed ?? [];
console.log(`\nTransitions that no scene takes: ${left.length}`);
if (values.missed) console.log(left.map((line) => `  ${line}`).join('\n'));
process.exitCode = broken > 0 ? 1 : 0;
