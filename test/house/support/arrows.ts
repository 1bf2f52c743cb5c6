/** Which folder may import which. A leaf never sees a machine, a machine never sees an adapter. */
import { type Import, importsOf, type Path, resolveImport, type Sources } from './sources';

/** One port each. */
const leaves = [
  'cache',
  'channel',
  'clock',
  'connectivity',
  'cookie',
  'fetch',
  'lock',
  'presence',
  'source',
  'store',
  'token',
];

type Rule = {
  readonly who: RegExp;
  /** Project paths that it may import, its own folder aside. */
  readonly files: RegExp;
  /** Packages that it may import. */
  readonly packages: RegExp;
};

const anyPackage = /^(?!node:)/;
const leafFolder = `adapters/(?:${leaves.join('|')})/`;

/** The first rule that fits decides. */
const rules: readonly Rule[] = [
  { who: /^machines\/ports\.ts$/, files: /^$/, packages: /^$/ },
  { who: /^machines\//, files: /^machines\//, packages: /^xstate$/ },
  { who: /^adapters\/token\//, files: /^machines\/(?:ports|errors|check|held-token)\.ts$/, packages: anyPackage },
  { who: new RegExp(`^${leafFolder}`), files: /^machines\/(?:ports|errors|check)\.ts$/, packages: anyPackage },
  { who: /^adapters\/host\//, files: new RegExp(`^(?:machines/|${leafFolder})`), packages: anyPackage },
  // Of the host it sees the types alone: the lifecycle that it shows is made by somebody else.
  {
    who: /^adapters\/react\//,
    files: /^(?:adapters\/host\/types|machines\/(?:view|key|errors|check))\.ts$/,
    packages: /^react$/,
  },
  {
    who: /^adapters\/redis\//,
    files:
      /^(?:machines\/(?:ports|errors|check)|adapters\/lock\/(?:queue|timers)|adapters\/store\/record|adapters\/token\/fingerprint)\.ts$/,
    packages: /^(?:ioredis|jose)$/,
  },
  // Many lifecycles in one process: made by the same hand as a single one.
  {
    who: /^adapters\/server\/pool\//,
    files: new RegExp(`^(?:machines/|adapters/host/|${leafFolder})`),
    packages: /^$/,
  },
  {
    who: /^adapters\/server\//,
    files: /^(?:machines\/|adapters\/(?:cookie|token)\/)/,
    packages: /^(?:jose|xstate|@noble\/hashes\/.+)$/,
  },
  // For Node alone: the entry of the inspector itself is for pages too.
  {
    who: /^adapters\/inspect\/relay\//,
    files: /^(?:machines\/(?:errors|check)|adapters\/inspect\/.+)\.ts$/,
    packages: /^(?:ws|node:.+)$/,
  },
  {
    who: /^adapters\/inspect\//,
    files: /^(?:machines\/(?:errors|check)|adapters\/token\/fingerprint|adapters\/viewer\/index)\.ts$/,
    packages: /^(?:xstate|@statelyai\/inspect)$/,
  },
  { who: /^adapters\/viewer\//, files: /^$/, packages: /^virtual:viewer-page$/ },
  {
    who: /^adapters\/oauth\//,
    files: /^(?:machines\/(?:ports|errors|check)|adapters\/source\/[\w-]+)\.ts$/,
    packages: /^oauth4webapi$/,
  },
  {
    who: /^adapters\/cli\//,
    files: /^(?:machines\/|adapters\/(?:testing|token)\/)/,
    packages: /^(?:commander|cli-table3|node:.+)$/,
  },
  { who: /^adapters\/testing\//, files: /^(?:machines\/|adapters\/|index\.ts$)/, packages: /./ },
  { who: /^index\.ts$/, files: new RegExp(`^(?:machines/|adapters/host/|${leafFolder})`), packages: anyPackage },
];

const folderOf = (path: Path): string => path.slice(0, path.lastIndexOf('/') + 1);
const kindOf = (path: Path): string => path.split('/').slice(0, 2).join('/');

function judge(rule: Rule, from: Path, { specifier }: Import, sources: Sources): string | undefined {
  if (!specifier.startsWith('.')) {
    return rule.packages.test(specifier) ? undefined : `${from} imports the package '${specifier}'`;
  }
  const to = resolveImport(from, specifier, sources);
  if (to === undefined) return `${from} imports '${specifier}', which is no source file of the project`;
  // machines/ itself is no kind: only a folder inside adapters/ is a neighbourhood.
  const neighbours = from.startsWith('adapters/') && kindOf(from) === kindOf(to) && folderOf(to) !== 'adapters/';
  return neighbours || rule.files.test(to) ? undefined : `${from} imports ${to}`;
}

/** Every import that runs the wrong way, in words. Looks at index.ts, machines/ and adapters/. */
export function wrongArrows(sources: Sources): string[] {
  return [...sources].flatMap(([from, text]) => {
    const rule = rules.find(({ who }) => who.test(from));
    if (!rule) return [`${from} lies where no rule says what it may import`];
    return importsOf(from, text)
      .map((one) => judge(rule, from, one, sources))
      .filter((fault) => fault !== undefined);
  });
}

/** Import cycles, types included: each as the paths along it. */
export function importCycles(sources: Sources): string[] {
  const done = new Set<Path>();
  const cycles: string[] = [];
  const walk = (path: Path, trail: readonly Path[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const { specifier } of importsOf(path, sources.get(path) ?? '')) {
      const next = resolveImport(path, specifier, sources);
      if (next !== undefined) walk(next, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  return cycles;
}

/** The packages that come along with `entry`, through all that it imports. Imports of types alone vanish. */
export function packagesBehind(entry: Path, sources: Sources): string[] {
  const seen = new Set<Path>();
  const packages = new Set<string>();
  const walk = (path: Path): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { specifier, typeOnly } of importsOf(path, sources.get(path) ?? '')) {
      if (typeOnly) continue;
      const next = resolveImport(path, specifier, sources);
      if (next === undefined) packages.add(specifier);
      else walk(next);
    }
  };
  walk(entry);
  return [...packages].sort();
}
