/** `npm run mutation`: every small change to machines/ that a tool can think of. See docs/mutants.md. */

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutants/stryker.vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner', './test/mutants/stryker-words.mjs'],
  // The server's decision table is not among the tests below: it has a suite of its own.
  mutate: ['machines/**/*.ts', '!machines/handshake/**', '!machines/chart.ts', '!machines/ports.ts'],
  ignorers: ['words'],
  ignorePatterns: ['dist', 'coverage', 'docs', '.scratch', 'test/browser', 'test/react', 'test/package', 'test/demo'],
  coverageAnalysis: 'perTest',
  // What is worked out once at import cannot be told apart by test: `static` mutants would run everything.
  ignoreStatic: false,
  concurrency: 2,
  incremental: true,
  incrementalFile: 'node_modules/.cache/stryker/incremental.json',
  tempDirName: 'node_modules/.cache/stryker/sandbox',
  timeoutMS: 20_000,
  timeoutFactor: 4,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'node_modules/.cache/stryker/report.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};
