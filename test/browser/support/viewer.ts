/** The viewer, as a test sees and uses it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { expect } from 'vitest';

export const patience = { timeout: 30_000 };

export const rowTo = (state: string) => `[data-row][data-to^="${state}"]`;
export const statesOf = (frame: Frame): Promise<string[]> =>
  frame.$$eval('[data-row]', (rows) => rows.map((row) => (row as HTMLElement).dataset.to ?? ''));
export const litIn = (frame: Frame): Promise<string[]> =>
  frame.$$eval('[data-testid="chart"] [data-state].is-active', (all) =>
    all.map((one) => (one as HTMLElement).dataset.state ?? ''),
  );
export const button = (frame: Frame, name: string) => frame.getByRole('button', { name, exact: true });

/** Presses a button of the page around. Chromium drops a real click now and then that comes before the first frame is painted. */
export const press = (page: Page, selector: string): Promise<void> =>
  page.$eval(selector, (pressed) => (pressed as HTMLElement).click());

/** Playwright leaves the downloads of a browser alone that it has not started itself. */
export async function downloaded(page: Page, name: string, click: () => Promise<void>): Promise<string> {
  const downloadPath = await mkdtemp(join(tmpdir(), 'viewer-'));
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath });
  await click();
  const read = () => readFile(join(downloadPath, name), 'utf8').catch(() => '');
  await expect.poll(read, patience).toMatch(/\}\s*$/);
  const text = await read();
  await rm(downloadPath, { recursive: true });
  return text;
}

/** All steps of the token machine, whatever else there is. */
export async function showTokenOnly(frame: Frame): Promise<void> {
  await frame.check('.timeline-panel input >> nth=0');
}
