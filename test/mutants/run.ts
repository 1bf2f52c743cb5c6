/**
 * `npm run mutants`: breaks the library in every way of the list, one at a time, and asks who notices. The tree is not touched.
 * Ends with code 1 where a mutant survives, or where something fails without any.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { judge, judgeUnmutated, type Verdict } from './judge';
import { mutants } from './list';
import { applyChange, type Mutant } from './mutant';
import { formatMarkdown, formatTable, summary } from './report';
import { openSuite } from './suite';

const usage = `npm run mutants -- [options]
  --only M12,M13  these mutants (default all)
  --jobs n        processes (default 2)
  --json          the verdicts as JSON, and no progress bar
  --markdown      the table of docs/mutants.md`;

/** A mutant that takes longer hangs. */
const patienceMs = 180_000;

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

type ToJob = { readonly id: string | null };
type FromJob = { readonly ready: true } | { readonly verdict: Verdict } | { readonly failing: readonly string[] };

function chosen(): readonly Mutant[] {
  if (given.only === undefined) return mutants;
  const ids = given.only.split(',');
  const unknown = ids.filter((id) => !mutants.some((mutant) => mutant.id === id));
  if (unknown.length > 0) throw new Error(`No such mutant: ${unknown.join(', ')}`);
  return mutants.filter(({ id }) => ids.includes(id));
}

/** In a child: judges what the parent names, one after the other; `null` is the library as it is. */
async function work(): Promise<void> {
  const suite = await openSuite();
  const tell = (message: FromJob): void => {
    process.send?.(message);
  };
  process.on('message', async ({ id }: ToJob) => {
    const mutant = mutants.find((one) => one.id === id);
    if (mutant) tell({ verdict: await judge(suite, mutant) });
    else tell({ failing: await judgeUnmutated(suite, chosen()) });
  });
  tell({ ready: true });
}

/** A child that answers one question at a time. */
function openJob() {
  let child: ChildProcess | null = null;

  async function opened(): Promise<ChildProcess> {
    if (child) return child;
    const made = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      env: { ...process.env, MUTANTS_JOB: '1' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child = made;
    await new Promise((resolve) => made.once('message', resolve));
    return made;
  }

  async function close(): Promise<void> {
    child?.kill('SIGKILL');
    child = null;
  }

  return {
    close,
    /** `null`: no answer in time, or it died of the question. */
    ask: async (id: string | null): Promise<FromJob | null> => {
      const asked = await opened();
      let timer: NodeJS.Timeout | undefined;
      const answer = await new Promise<FromJob | null>((resolve) => {
        asked.once('message', (message: FromJob) => resolve(message));
        asked.once('exit', () => resolve(null));
        timer = setTimeout(() => resolve(null), id === null ? 4 * patienceMs : patienceMs);
        asked.send({ id } satisfies ToJob);
      });
      clearTimeout(timer);
      asked.removeAllListeners();
      if (!answer) await close();
      return answer;
    },
  };
}

const hanging = ({ id, title }: Mutant): Verdict => {
  const caught = { by: 'hanging', what: 'no end', after: `${patienceMs / 1_000} s` } as const;
  return { id, title, caught, missed: [], seconds: patienceMs / 1_000 };
};

async function judgeAll(list: readonly Mutant[], jobs: number): Promise<readonly Verdict[]> {
  const bar = new SingleBar({
    format: '{bar} {value} of {total} mutants | {survived} survived | {eta_formatted} left',
  });
  const verdicts = new Map<string, Verdict>();
  const left = [...list];
  if (!given.json) bar.start(list.length, 0, { survived: 0 });
  const share = async (): Promise<void> => {
    const job = openJob();
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const answer = await job.ask(mutant.id);
      verdicts.set(mutant.id, answer && 'verdict' in answer ? answer.verdict : hanging(mutant));
      bar.update(verdicts.size, { survived: [...verdicts.values()].filter(({ caught }) => !caught).length });
    }
    await job.close();
  };
  await Promise.all(Array.from({ length: jobs }, share));
  bar.stop();
  return list.flatMap(({ id }) => verdicts.get(id) ?? []);
}

async function runAll(): Promise<void> {
  const began = performance.now();
  const list = chosen();
  for (const mutant of list) applyChange(readFileSync(mutant.file, 'utf8'), mutant);
  const first = openJob();
  const answer = await first.ask(null);
  await first.close();
  const failing = answer && 'failing' in answer ? answer.failing : ['The suite could not be run.'];
  if (failing.length > 0) {
    console.error(`Without any mutant this fails already, so nothing would be shown:\n\n${failing.join('\n\n')}`);
    process.exitCode = 1;
    return;
  }
  const verdicts = await judgeAll(list, Math.max(1, Number(given.jobs)));
  const seconds = Math.round((performance.now() - began) / 1_000);
  if (given.json) console.log(JSON.stringify({ seconds, verdicts }));
  else {
    console.log(given.markdown ? formatMarkdown(verdicts) : formatTable(verdicts));
    console.log(`\n${summary(verdicts)} ${seconds} s.`);
  }
  for (const { id, missed, caught } of verdicts)
    if (missed.length > 0)
      console.error(`${id}: ${caught ? 'not caught' : 'SURVIVED; not caught'} by ${missed.join(', nor ')}`);
  if (verdicts.some(({ caught }) => caught === null)) process.exitCode = 1;
}

if (given.help) console.log(usage);
else if (process.env.MUTANTS_JOB !== undefined) await work();
else await runAll();
