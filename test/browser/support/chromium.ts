import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';

/** Where Chromium is; `CHROMIUM_PATH` says otherwise. */
export const chromiumPath = (): string => process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--no-default-browser-check',
  '--remote-debugging-port=0',
];

/**
 * A suite that needs Chromium. Without one it is skipped where somebody works, and says so; where `CI` is set it fails, so
 * that a green run never means "not looked at".
 */
export function describeInChromium(name: string, suite: () => void): void {
  const path = chromiumPath();
  if (existsSync(path)) {
    describe(name, suite);
    return;
  }
  const advice = `No Chromium at ${path}. Install one (apt-get install chromium) or set CHROMIUM_PATH.`;
  if (process.env.CI) {
    describe(name, () => it('browser tests need Chromium', () => expect.fail(advice)));
    return;
  }
  console.warn(`Skipped: ${name}. ${advice}`);
  describe.skip(name, suite);
}

/** A whole browser with a profile of its own: cookies, storage and workers are shared by its pages and by nobody else. */
export type TestBrowser = {
  /** The default context: the only one where visibility and focus are real. */
  readonly context: BrowserContext;
  close(): Promise<void>;
};

function devToolsAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address) resolve(address);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${output.slice(-400)}`)));
  });
}

/**
 * Starts Chromium itself and attaches to it: a browser that Playwright launches believes that each of its pages is visible
 * and focused.
 *
 * @param options.flags further command line flags
 */
export async function openBrowser(options: { flags?: readonly string[] } = {}): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'token-lifecycle-'));
  const child = spawn(
    chromiumPath(),
    [...flags, ...(options.flags ?? []), `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (): Promise<void> => {
    const impatient = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(impatient);
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const browser = await chromium.connectOverCDP(await devToolsAddress(child), { noDefaults: true });
    const [context] = browser.contexts();
    if (!context) throw new Error('Chromium has no default context.');
    return {
      context,
      close: async () => {
        // Asked to end, it takes its helpers along; killed, it would leave them writing into the profile.
        const session = await browser.newBrowserCDPSession();
        await session.send('Browser.close').catch(() => undefined);
        await end();
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    await end();
    throw error;
  }
}
