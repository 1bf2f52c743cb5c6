/** The notes app in a real page, driven along the paths that reach every state. As docs/guides/model-based-tests.md has it. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTokenServer, type TokenServer } from '../../adapters/testing/index';
import { createLifecycleModel, type EventExecutors, type StateChecks } from '../../adapters/testing/model/create';
import { createNotesServer } from '../../docs/examples/notes/server';
import { describeInChromium, openBrowser, type TestBrowser } from './support/chromium';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ttlSeconds = 4;
const lifeMs = 1_000 * (ttlSeconds + 1);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function script(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}/docs/examples/notes/page.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  return outputFiles
    .map(({ text }) => text)
    .join('')
    .replaceAll('</script', '<\\/script');
}

let bundle: string;
let browser: TestBrowser;
let auth: TokenServer;
let server: Server;
let page: Page;
let other: Page;

const badge = () => page.textContent('#badge');
const expectBadge = (text: string) => expect.poll(badge, { timeout: 8_000, interval: 100 }).toBe(text);

async function expectNotes(): Promise<void> {
  await page.click('#load');
  await expect.poll(() => page.locator('#notes li').allTextContents()).toEqual(['Buy milk', 'Call Ada']);
}

const events: EventExecutors = {
  'time.passes': async () => {
    await sleep(lifeMs);
  },
  'network.lost': () => browser.context.setOffline(true),
  'network.back': () => browser.context.setOffline(false),
  'origin.fails': ({ status }) => auth.respondWith({ do: 'status', status }),
  'origin.recovers': () => auth.respondWith({ do: 'mint' }),
  'page.hidden': () => other.bringToFront(),
  'page.seen': () => page.bringToFront(),
  'page.reloads': async () => {
    await page.reload();
  },
  'session.revoked': async () => {
    auth.revoke('sess_1');
    await sleep(lifeMs);
  },
  'user.signs-out': () => page.click('#sign-out'),
  'user.signs-in': async () => {
    auth.signIn('sess_1');
    await page.click('#sign-in');
  },
};

const states: StateChecks = {
  fresh: async () => {
    await expectBadge('ready');
    await expectNotes();
  },
  hidden: async () => {
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
    expect(await badge()).toBe('ready');
  },
  offline: () => expectBadge('offline'),
  'offline-expired': () => expectBadge('offline'),
  outage: () => expectNotes(),
  'outage-expired': () => expectBadge('trouble'),
  'signed-out': async () => {
    await expectBadge('signed out');
    expect(await page.evaluate(() => localStorage.getItem('notes.session'))).toBeNull();
  },
};

describeInChromium('the notes app in Chromium, along the model', () => {
  beforeAll(async () => {
    bundle = await script();
  });
  beforeEach(async () => {
    auth = createTokenServer({ ttlSeconds });
    const app = createNotesServer(auth, bundle);
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
    await new Promise((resolve) => server.once('listening', resolve));
    browser = await openBrowser();
    other = await browser.context.newPage();
    page = await browser.context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await page.bringToFront();
    await page.click('#sign-in');
  });
  afterEach(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const model = createLifecycleModel({ events, states, without: ['token.refused'] });
  it.each(model.getPaths({ cover: 'states' }).map((path) => [path.description, path] as const))(
    'issue 3 %s',
    async (_, path) => {
      await path.test();
    },
  );
});
