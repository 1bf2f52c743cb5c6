/** What docs/guides/model-based-tests.md says is true of the code. */
import { describe, expect, it, vi } from 'vitest';
import { sceneNames } from '../../adapters/testing/explore/lifecycle/exploration';
import { createLifecycleModel } from '../../adapters/testing/model/create';
import { modelEvents } from '../../adapters/testing/model/machine';
import { readText } from '../house/support/sources';
import { asUserHas, snippetFaults, snippetsIn } from '../support/snippets';

const guide = readText('docs/guides/model-based-tests.md');
const snippets = snippetsIn(guide);

/** What the example uses of @playwright/test. */
const playwright = `
declare module '@playwright/test' {
  import type { Locator, Page } from 'playwright-core';
  export function test(title: string, body: (fixtures: { page: Page }) => Promise<void>): void;
  export function expect(actual: Locator): { toBeVisible(): Promise<void> };
}`;

const faultsOf = (texts: readonly string[]): string[] =>
  snippetFaults(texts, { files: { 'playwright.d.ts': playwright } });

describe('the guide to tests from a model', { timeout: 120_000 }, () => {
  it('issue 3 has examples that compile', () => {
    expect(snippets).toHaveLength(5);
    expect(faultsOf(snippets)).toEqual([]);
  });

  it.each(['model.test.ts', 'door.ts'])('issue 3 %s is the example that is shown', (file) => {
    expect(snippets).toContain(asUserHas(`test/testing/guide/${file}`));
  });

  it('issue 3 prints what the guide says that it prints', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import('./guide/door');
    const printed = log.mock.calls.map(([line]) => `${String(line)}\n`);
    log.mockRestore();
    expect(printed).toHaveLength(1);
    expect(guide).toContain(`\`\`\`text\n${printed[0]}\`\`\``);
  });

  it('issue 3 names every state, event and scene, and no other', () => {
    const cells = [...guide.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) => [...(row[1] ?? '').matchAll(/`([^`]+)`/g)]);
    const named = new Set(cells.map((match) => match[1]));
    const states = Object.keys(createLifecycleModel().states);
    expect(named).toEqual(new Set([...states, ...modelEvents, ...sceneNames]));
  });
});
