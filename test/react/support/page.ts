/** Scenarios inside a real page, where React has a real document. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { describeInChromium, openBrowser, type TestBrowser } from '../../browser/support/chromium';
import { root } from '../../house/support/sources';
import type { Kit } from '../page/kit';

/** A page script with everything in it, for React's development build: it is the one that checks. */
export async function bundle(file: string, define: Readonly<Record<string, string>> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/react/page', file)],
    inject: [join(root, 'test/react/page/buffer.ts')],
    define: { 'process.env.NODE_ENV': '"development"', ...define },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** What the page complains of: warnings of React, errors that nobody caught. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
  });
  return complaints;
}

/** Sent to the page as text: it can use nothing but the kit and its own names, and what it returns comes back as JSON. */
export type Scenario<Result> = (kit: Kit) => Promise<Result>;
export type Run = <Result>(scenario: Scenario<Result>) => Promise<Result>;

/** A suite that runs twice, plain and under StrictMode, each test on a page of its own that must not complain. */
export function describeOnPage(name: string, suite: (run: Run) => void): void {
  describeInChromium(name, () => {
    let browser: TestBrowser;
    let script: string;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
      [browser, script] = await Promise.all([openBrowser(), bundle('kit.ts')]);
    });

    afterAll(() => browser.close());

    beforeEach(async () => {
      page = await browser.context.newPage();
      complaints = complaintsOf(page);
      await page.addScriptTag({ content: script });
    });

    afterEach(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });

    describe.each([
      ['plain', false],
      ['StrictMode', true],
    ])('%s', (_, isStrict) => {
      suite((scenario) => page.evaluate(`(${scenario})(createKit(${isStrict}))`));
    });
  });
}
