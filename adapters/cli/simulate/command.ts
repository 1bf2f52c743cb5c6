/** `token-lifecycle simulate`: a lifecycle with chosen faults, in virtual time. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatTrace } from '../../testing/format-trace';
import { formatViolation } from '../../testing/invariants/format-violation';
import { runSchedule } from '../../testing/simulate/run-schedule';
import { parseDuration, sayDuration } from '../durations';
import { createPaint, type Terminal } from '../terminal';
import { UsageError } from '../usage-error';
import { type Fault, kinds, parseFault } from './faults';
import { type Plan, scheduleOf } from './plan';
import { storyOf } from './story';
import { drawTable } from './table';
import { drawRows, drawStrips } from './timeline';

type Given = {
  readonly minutes?: number;
  readonly hours?: number;
  readonly fault?: readonly Fault[];
  readonly ttl: number;
  readonly latency: number;
  readonly tabs: number;
  readonly seed: number;
  readonly jitter: number;
  readonly readEvery: number;
  readonly credential: Plan['credential'];
  readonly format: 'timeline' | 'table' | 'trace';
  readonly json?: true;
  readonly check?: true;
};

/** What is wrong is said by commander, with the option's name. */
const parsed =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };

const number = (min: number, max: number, whole: boolean) =>
  parsed((text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    throw new UsageError(`Must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
  });

const duration = (minMs: number, maxMs: number) =>
  parsed((text) => {
    const ms = parseDuration(text, 'This');
    if (ms >= minMs && ms <= maxMs) return ms;
    throw new UsageError(`Must be from ${sayDuration(minMs)} to ${sayDuration(maxMs)}.`);
  });

const hourMs = 3_600_000;
const longestHours = 72;

function faultHelp(): string {
  const lines = Object.entries(kinds).map(([name, { usage, says, lasts }]) => {
    const written = `${usage || name}@start${lasts === 'spell' ? '+length' : ''}`;
    return `  ${written.padEnd(50)} ${says}`;
  });
  return `\nFaults (starts and lengths as 90s, 1m30s, 250ms, 2h):\n${lines.join('\n')}`;
}

const examples = `
Examples:
  $ token-lifecycle simulate --fault offline@60s+30s
  $ token-lifecycle simulate --minutes 5 --fault status=503@90s+40s --fault sleep@3m+1m
  $ token-lifecycle simulate --tabs 3 --fault outage@40s+2m --format table
  $ token-lifecycle simulate --hours 8 --ttl 5m --fault offline@1h+20m --json | jq '.violations'

Exit code: 0; 1 where something that must always hold did not; 2 for a wrong option.`;

function planOf(given: Given): Plan {
  const { minutes, hours, fault: faults = [], ttl, latency, readEvery, tabs, seed, jitter, credential } = given;
  const durationMs =
    hours === undefined && minutes === undefined ? 180_000 : (hours ?? 0) * hourMs + (minutes ?? 0) * 60_000;
  if (durationMs < 1_000) throw new UsageError('A run lasts a second at least.');
  const late = faults.find(({ at }) => at > durationMs);
  if (late) throw new UsageError(`The fault ${late.name} begins after the end of the run.`);
  return { tabs, seed, jitter, credential, ttlMs: ttl, latencyMs: latency, readEveryMs: readEvery, durationMs, faults };
}

const heading = ({ tabs, ttlMs, durationMs, seed, jitter }: Plan): string =>
  `${tabs === 1 ? 'One tab' : `${tabs} tabs`}, tokens of ${sayDuration(ttlMs)}, ${sayDuration(durationMs)} of virtual time, seed ${seed}, jitter ${jitter}.`;

async function simulate(given: Given, terminal: Terminal): Promise<number> {
  const plan = planOf(given);
  const paint = createPaint(terminal.color);
  const schedule = scheduleOf(plan);
  const played = await runSchedule(schedule, { recover: given.check === true });
  const { trace, violations, traceHash } = played;
  const { durationMs: endMs, faults } = plan;
  const bad = violations.length > 0 ? 1 : 0;
  if (given.json) {
    terminal.write(`${JSON.stringify({ schedule, durationMs: endMs, traceHash, violations, trace }, null, 2)}\n`);
    return bad;
  }
  const rows = storyOf(trace, faults, endMs);
  const body = {
    timeline: () => {
      const strips = drawStrips({ trace, faults, endMs, columns: terminal.columns, color: terminal.color, paint });
      return `${strips}\n\n${drawRows(rows, paint)}`;
    },
    table: () => drawTable(rows, paint),
    trace: () => formatTrace(trace.filter(({ at }) => at <= endMs)),
  }[given.format]();
  const requests = trace.filter(({ is, at }) => is === 'request' && at <= endMs).length;
  const verdict =
    bad === 0
      ? paint('green', `${requests} requests. Everything that must always hold did.`)
      : paint('red', violations.map((violation) => formatViolation(violation, trace)).join('\n\n'));
  terminal.write(`${paint('bold', heading(plan))}\n\n${body}\n\n${verdict}\n`);
  return bad;
}

/** Adds the command to a program. `done` gets the exit code. */
export function addSimulate(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command('simulate')
    .summary('show a lifecycle with chosen faults, in virtual time')
    .description(
      'Runs the real library over a simulated browser, network and server, in virtual time, and shows what happens: the state of each tab, requests and answers, and what readers get. The same options give the same run.',
    )
    .option('--minutes <n>', 'how long to simulate (default: 3)', number(0, longestHours * 60, false))
    .option('--hours <n>', 'the same, in hours; both are added', number(0, longestHours, false))
    .option(
      '--fault <fault>',
      'what goes wrong, and when; may be given several times',
      (text: string, before: readonly Fault[] = []) => [...before, parsed(parseFault)(text)],
    )
    .addOption(
      new Option('--ttl <duration>', 'lifetime of a token')
        .argParser(duration(1_000, 30 * 24 * hourMs))
        .default(60_000, '60s'),
    )
    .addOption(
      new Option('--latency <duration>', 'how long a request takes')
        .argParser(duration(0, 60_000))
        .default(100, '100ms'),
    )
    .addOption(new Option('--tabs <n>', 'tabs of one browser').argParser(number(1, 5, true)).default(1))
    .addOption(new Option('--seed <n>', 'of all chance').argParser(number(0, 2 ** 31, true)).default(1))
    .addOption(
      new Option('--jitter <n>', 'of waits: 0 for exact instants, 1 for any').argParser(number(0, 1, false)).default(0),
    )
    .addOption(
      new Option('--read-every <duration>', 'every tab calls getToken() so often')
        .argParser(duration(100, 24 * hourMs))
        .default(0, 'never'),
    )
    .addOption(
      new Option('--credential <kind>', 'what the server asks for')
        .choices(['ambient', 'reusable', 'rotating'])
        .default('ambient'),
    )
    .addOption(
      new Option('--format <kind>', 'how to show it').choices(['timeline', 'table', 'trace']).default('timeline'),
    )
    .option('--json', 'everything that could be seen, as JSON')
    .option('--check', 'leave the world to recover afterwards, and check that it does')
    .addHelpText('after', `${faultHelp()}\n${examples}`)
    .action(async (given: Given) => done(await simulate(given, terminal)));
}
