/** The test suite with one change made to what it tests, and without touching the tree. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestCase, Vitest } from 'vitest/node';
import { createVitest } from 'vitest/node';
import { applyChange, type Change } from './mutant';

export type TestOutcome = {
  readonly file: string;
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  readonly message: string;
  /** What the test noted about itself. */
  readonly meta: Readonly<Record<string, unknown>>;
};

const config = 'test/mutants/vitest.config.ts';

const outcomeOf = (root: string, test: TestCase): TestOutcome => {
  const { state, errors } = test.result();
  return {
    file: test.module.moduleId.slice(root.length + 1),
    title: test.name,
    state,
    message: errors?.[0]?.message ?? '',
    meta: { ...test.meta() },
  };
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Vitest, kept open: a mutant costs the files that it runs, and no start. */
export async function openSuite() {
  const root = process.cwd();
  /** The file that is changed now, and its whole path. */
  let change: (Change & { readonly path: string }) | null = null;
  const vitest: Vitest = await createVitest(
    'test',
    { config, watch: false, reporters: [{}], passWithNoTests: true },
    {
      plugins: [
        {
          name: 'mutant',
          enforce: 'pre',
          transform: (code: string, id: string) =>
            change && id.split('?')[0] === change.path ? applyChange(code, change) : undefined,
        },
      ],
    },
  );
  const project = vitest.getRootProject();

  function mutate(next: Change | null): void {
    if (change) vitest.invalidateFile(change.path);
    change = next && { ...next, path: resolve(root, next.file) };
    // A change that cannot be made is no mutant: told here, and not by a test that cannot be loaded.
    if (change) applyChange(readFileSync(change.path, 'utf8'), change);
    if (change) vitest.invalidateFile(change.path);
  }

  return {
    /**
     * @param next the change, or `null` for the library as it is
     * @param files test files, run all at once
     * @param titles only tests whose name contains one of them; default: all
     * @param given what the catchers read from env MUTANT
     */
    run: async (
      next: Change | null,
      files: readonly string[],
      { titles = [], given = '' }: { readonly titles?: readonly string[]; readonly given?: string } = {},
    ): Promise<readonly TestOutcome[]> => {
      mutate(next);
      process.env.MUTANT = given;
      if (titles.length === 0) vitest.resetGlobalTestNamePattern();
      else vitest.setGlobalTestNamePattern(new RegExp(titles.map(escaped).join('|')));
      const specs = files.map((file) => project.createSpecification(resolve(root, file)));
      vitest.state.clearErrors();
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specs);
      // Vitest gives the modules of earlier runs, too.
      const ran = testModules.filter(({ moduleId }) => specs.some((spec) => spec.moduleId === moduleId));
      const outcomes = ran.flatMap((module) => [
        ...[...module.children.allTests()].map((test) => outcomeOf(root, test)),
        ...module.errors().map(({ message }): TestOutcome => {
          return {
            file: module.moduleId.slice(root.length + 1),
            title: '(loading)',
            state: 'failed',
            message,
            meta: {},
          };
        }),
      ]);
      const uncaught = unhandledErrors.map((error): TestOutcome => {
        // It comes out of a thread, as a plain object.
        const message = (error as { readonly message?: string } | null)?.message ?? 'no message';
        return { file: files[0] ?? '', title: '(unhandled error)', state: 'failed', message, meta: {} };
      });
      return [...outcomes.filter(({ state }) => state !== 'skipped'), ...uncaught];
    },
    close: (): Promise<void> => vitest.close(),
  };
}

export type Suite = Awaited<ReturnType<typeof openSuite>>;
