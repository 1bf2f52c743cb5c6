/**
 * `npm run simulate -- --hours 10000`: simulated worlds on every core, with a progress bar and a table of what was injected.
 * Ends with code 1 where an invariant was broken.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { formatViolation } from '../../adapters/testing/invariants/format-violation';
import type { Family } from '../../adapters/testing/simulate/families';
import { planSchedule } from '../../adapters/testing/simulate/plan';
import { type Played, runSchedule } from '../../adapters/testing/simulate/run-schedule';
import type { Schedule } from '../../adapters/testing/simulate/schedule';
import {
  type SimulatedWorld,
  type SimulateOptions,
  type SimulationResult,
  simulate,
} from '../../adapters/testing/simulate/simulate';
import { addTallies } from '../../adapters/testing/simulate/tally';

const usage = `npm run simulate -- [options]
  --hours n       hours that tabs spend with a session amid trouble, added up (default 100)
  --seed n        of all chance (default 1)
  --jobs n        processes (default: one per core)
  --tabs n        the most tabs of a world, 1 to 5 (default 5)
  --faults a,b    only these families of faults (default all)
  --violations n  go on until there are so many in a process (default 1)
  --json          the result as JSON, and no progress bar
  --world n       plays one world again, by its seed, and prints what it violates
  --schedule f    plays the schedule in a JSON file`;

const { values: given } = parseArgs({
  options: {
    hours: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    tabs: { type: 'string', default: '5' },
    violations: { type: 'string', default: '1' },
    faults: { type: 'string' },
    world: { type: 'string' },
    schedule: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

type FromJob = { readonly world: SimulatedWorld } | { readonly result: SimulationResult };

const options: SimulateOptions = {
  seed: Number(given.seed),
  hours: Number(given.hours),
  maxTabs: Number(given.tabs),
  violations: Number(given.violations),
  ...(given.faults !== undefined && { faults: given.faults.split(',') as Family[] }),
};

/** In a child: a share of the worlds, told to the parent one by one. */
async function work(options: SimulateOptions): Promise<void> {
  const tell = (message: FromJob): void => {
    process.send?.(message);
  };
  tell({ result: await simulate({ ...options, onWorld: (world) => tell({ world }) }) });
  process.disconnect();
}

function inChild(options: SimulateOptions, onWorld: (world: SimulatedWorld) => void): Promise<SimulationResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [], {
      env: { ...process.env, SIMULATE: JSON.stringify(options) },
    });
    let result: SimulationResult | undefined;
    child.on('message', (message: FromJob) => {
      if ('world' in message) onWorld(message.world);
      else result = message.result;
    });
    child.on('exit', (code) => (result ? resolve(result) : reject(new Error(`A job ended with code ${code}.`))));
  });
}

function print(results: readonly SimulationResult[], took: number): void {
  const tallies = results.map((result) => ({ ...result, sessionMs: 0 }));
  const { faults } = addTallies(tallies);
  const sum = (of: 'hours' | 'worlds' | 'tabs' | 'reads' | 'requests' | 'mints'): number =>
    results.reduce((total, result) => total + result[of], 0);
  const violations = results.flatMap((result) => result.violations);
  const number = (value: number): string => Math.round(value).toLocaleString('en');
  // One line per row, and no colours: it goes into logs and docs.
  const chars = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  const table = (...head: string[]) =>
    new Table({ head, colAligns: ['left', 'right'], style: { head: [], border: [] }, chars });
  const summary = table('simulated', '');
  summary.push(
    ['hours with a session', number(sum('hours'))],
    ...(['worlds', 'tabs', 'reads', 'requests', 'mints'] as const).map((name) => [name, number(sum(name))]),
    ['hours per second', (sum('hours') / took).toFixed(1)],
    ['trace hash', results.map(({ traceHash }) => traceHash).join(' ')],
    ['violations', number(violations.length)],
  );
  const injected = table('what went wrong', 'times');
  injected.push(...Object.entries(faults).map(([fault, times]) => [fault, number(times)]));
  console.log(`${injected.toString()}\n${summary.toString()}`);
  for (const { report, worldSeed } of violations) {
    console.error(
      `\n${report}\n\nTo see the whole world: npm run simulate -- --world ${worldSeed} --tabs ${given.tabs}`,
    );
  }
}

async function simulateAll(): Promise<void> {
  const jobs = Math.max(1, Number(given.jobs));
  const bar = new SingleBar({
    format:
      '{bar} {percentage}% | {value} of {total} h | {worlds} worlds | {reads} reads | {violations} violations | {eta_formatted} left',
    hideCursor: true,
  });
  const so = { worlds: 0, reads: 0, violations: 0, hours: 0 };
  const began = performance.now();
  if (!given.json) bar.start(options.hours, 0, so);
  const shares = Array.from({ length: jobs }, (_, job) =>
    inChild({ ...options, hours: options.hours / jobs, share: { job, jobs } }, (world) => {
      so.worlds += 1;
      so.reads += world.reads;
      so.violations += world.violations;
      so.hours += world.sessionMs / 3_600_000;
      bar.update(Math.min(options.hours, Math.floor(so.hours)), so);
    }),
  );
  const results = await Promise.all(shares);
  bar.stop();
  const took = (performance.now() - began) / 1_000;
  if (given.json) console.log(JSON.stringify({ seed: options.seed, jobs, seconds: took, results }));
  else print(results, took);
  if (results.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}

/** One schedule, and everything that it violates. */
async function playAgain(schedule: Schedule): Promise<void> {
  const { trace, violations, traceHash }: Played = await runSchedule(schedule);
  for (const violation of violations) console.log(`${formatViolation(violation, trace)}\n`);
  console.log(`${violations.length} violations, ${trace.length} trace entries, hash ${traceHash}`);
  if (violations.length > 0) process.exitCode = 1;
}

const share = process.env.SIMULATE;
if (share !== undefined) await work(JSON.parse(share) as SimulateOptions);
else if (given.help) console.log(usage);
else if (given.schedule !== undefined) await playAgain(JSON.parse(readFileSync(given.schedule, 'utf8')) as Schedule);
else if (given.world !== undefined) {
  const { maxTabs = 5, faults } = options;
  await playAgain(planSchedule(Number(given.world), { maxTabs, ...(faults && { faults }) }));
} else await simulateAll();
