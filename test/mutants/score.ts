/**
 * `npx tsx test/mutants/score.ts`: the mutation score of machines/, file by file and together, from test/mutants/scores.json.
 * `--collect` first takes the reports of Stryker that are in the cache into that file; `--survivors` lists what survived.
 * `--forget` makes the next run of each part judge its survivors anew, by the tests that are there then.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const place = 'test/mutants/scores.json';
const cache = 'node_modules/.cache/stryker';
const { values: given } = parseArgs({
  options: {
    collect: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    forget: { type: 'boolean', default: false },
  },
});

type Position = { readonly line: number; readonly column: number };
type Report = {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly status: string;
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly location: { readonly start: Position; readonly end: Position };
        }[];
      }
    >
  >;
};
type Score = {
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly notCovered: number;
  /** `line: what → what became of it`. */
  readonly survivors: readonly string[];
};

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
};

function scoreOf({ source, mutants }: Report['files'][string]): Score {
  const lines = source.split('\n');
  const textOf = ({ start, end }: { start: Position; end: Position }): string => {
    const text = lines.slice(start.line - 1, end.line);
    const last = text.length - 1;
    text[last] = (text[last] ?? '').slice(0, end.column - 1);
    text[0] = (text[0] ?? '').slice(start.column - 1);
    return short(text.join(' '));
  };
  const count = (status: string): number => mutants.filter((one) => one.status === status).length;
  return {
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived: count('Survived'),
    notCovered: count('NoCoverage'),
    survivors: mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .sort(
        (a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column,
      )
      .map(({ location, replacement }) => `${location.start.line}: ${textOf(location)} → ${short(replacement ?? '')}`),
  };
}

/** Stryker does so itself only where it knows which tests reach a mutant: not for what is worked out at import, as charts are. */
function forget(): void {
  for (const name of readdirSync(cache).filter((one) => one.startsWith('incremental-'))) {
    const path = `${cache}/${name}`;
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
    const files = Object.entries(report.files).map(([file, { mutants, ...rest }]) => {
      const told = mutants.filter(({ status }) => status !== 'Survived' && status !== 'NoCoverage');
      return [file, { ...rest, mutants: told }];
    });
    writeFileSync(path, JSON.stringify({ ...report, files: Object.fromEntries(files) }));
  }
}

function collect(known: Readonly<Record<string, Score>>): Record<string, Score> {
  const found: Record<string, Score> = { ...known };
  for (const name of readdirSync(cache).filter((one) => one.startsWith('report-'))) {
    const { files } = JSON.parse(readFileSync(`${cache}/${name}`, 'utf8')) as Report;
    for (const [path, file] of Object.entries(files)) if (file.mutants.length > 0) found[path] = scoreOf(file);
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (given.forget) forget();

const read = (): Record<string, Score> => (existsSync(place) ? JSON.parse(readFileSync(place, 'utf8')) : {});

const scores = given.collect ? collect(read()) : read();
if (given.collect) writeFileSync(place, `${JSON.stringify(scores, null, 2)}\n`);

const sum = (pick: (score: Score) => number): number => Object.values(scores).reduce((all, one) => all + pick(one), 0);
const row = (name: string, killed: number, timedOut: number, survived: number, notCovered: number): string => {
  const caught = killed + timedOut;
  const percent = ((100 * caught) / Math.max(1, caught + survived + notCovered)).toFixed(1);
  return `| ${name} | ${killed} | ${timedOut} | ${survived} | ${notCovered} | ${percent} % |`;
};

const out = ['| file | killed | timed out | survived | not covered | score |', '|---|---|---|---|---|---|'];
for (const [name, one] of Object.entries(scores))
  out.push(row(`\`${name.replace('machines/', '')}\``, one.killed, one.timedOut, one.survived, one.notCovered));
out.push(
  row(
    'together',
    sum((one) => one.killed),
    sum((one) => one.timedOut),
    sum((one) => one.survived),
    sum((one) => one.notCovered),
  ),
);
if (given.survivors)
  for (const [name, { survivors }] of Object.entries(scores))
    if (survivors.length > 0) out.push('', name, ...survivors.map((one) => `  ${one}`));
process.stdout.write(`${out.join('\n')}\n`);
