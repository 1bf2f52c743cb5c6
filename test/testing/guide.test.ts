/** What docs/guides/testing.md says is true of the code. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { malformedKinds } from '../../adapters/testing/token-server/malformed';
import { readText, root } from '../house/support/sources';
import { asUserHas, snippetFaults, snippetsIn } from '../support/snippets';

const guide = readText('docs/guides/testing.md');
const snippets = snippetsIn(guide);

/** @playwright/test is too large to have it only for this: what the example uses of it. */
const playwright = `
declare module '@playwright/test' {
  import type { Page } from 'playwright-core';
  export function test(title: string, body: (fixtures: { page: Page }) => Promise<void>): void;
  export function expect(actual: unknown): { toBeVisible(): Promise<void> };
}`;

const faultsOf = (texts: readonly string[]): string[] =>
  snippetFaults(texts, { files: { 'playwright.d.ts': playwright } });

describe('the guide to testing', { timeout: 120_000 }, () => {
  it('§12 has examples that compile', () => {
    expect(snippets).toHaveLength(7);
    expect(faultsOf(snippets)).toEqual([]);
  });

  it.each(['origin-down.node.ts', 'closed-tab.test.ts', 'faults.ts', 'laws.ts'])(
    '§12 %s is the example that is shown',
    (file) => {
      expect(snippets).toContain(asUserHas(`test/testing/guide/${file}`));
    },
  );

  it('§12 the kit works under node:test', () => {
    const file = join(root, 'test/testing/guide/origin-down.node.ts');
    const args = ['--import', 'tsx', '--test', '--test-reporter', 'tap', file];
    // Vitest's own marks would have node:test report to it.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    expect(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })).toMatch(/^# pass 1$/m);
  });

  it('§12 names behaviours and kinds that exist', () => {
    const kinds = [...guide.matchAll(/do: '([\w-]+)'/g)].map((match) => match[1]);
    expect(new Set(kinds)).toEqual(
      new Set(['mint', 'status', 'outage', 'malformed', 'hang', 'delay', 'late', 'drop', 'unreachable']),
    );
    const listed = /usable: (.*?), … \|/.exec(guide)?.[1]?.match(/[\w-]+/g) ?? [];
    expect(listed.length).toBeGreaterThan(3);
    expect(malformedKinds).toEqual(expect.arrayContaining([...listed]));
  });
});
