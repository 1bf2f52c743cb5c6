/** `npm run mutation`: every small change to machines/ that a tool can think of. See docs/mutants.md. */
import { areaOf } from './test/mutants/areas.mjs';

const area = areaOf();
// Inherited by the process that runs vitest.
if (area) process.env.MUTATION_TESTS ??= area.tests.join(',');
const kept = 'node_modules/.cache/stryker';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutants/stryker.vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner', './test/mutants/stryker-words.mjs'],
  // `chart.ts` draws the documentation, `ports.ts` has types only.
  mutate: area?.mutate ?? ['machines/**/*.ts', '!machines/chart.ts', '!machines/ports.ts'],
  ignorers: ['words'],
  ignorePatterns: ['dist', 'coverage', 'docs', '.scratch', 'test/browser', 'test/react', 'test/package', 'test/demo'],
  coverageAnalysis: 'perTest',
  // What is worked out once at import is judged by every test of the area.
  ignoreStatic: false,
  concurrency: 1,
  incremental: true,
  incrementalFile: `${kept}/incremental-${area?.name ?? 'all'}.json`,
  tempDirName: `${kept}/sandbox`,
  // Long enough that a loaded machine does not pass for a kill.
  timeoutMS: 30_000,
  timeoutFactor: 4,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `${kept}/report-${area?.name ?? 'all'}.json` },
  // The score counts over all areas together: `npx tsx test/mutants/score.ts`.
  thresholds: { high: 95, low: 90, break: area ? null : 90 },
};
