/** The parts below the hooks that need no page. */
import { describe, expect, it } from 'vitest';
import type { GetTokenOptions, TokenLifecycle } from '../../adapters/host/types';
import { keepRead } from '../../adapters/react/keep-read';
import { createKeeper, selecting } from '../../adapters/react/kept';
import { sameResult, type TokenResult } from '../../adapters/react/use-token';
import { OfflineError } from '../../machines/errors';
import { packagesBehind, wrongArrows } from '../house/support/arrows';
import { readSources } from '../house/support/sources';
import { createTab, type Tab } from '../support/tab';

describe('createKeeper', () => {
  const sameLength = (a: string, b: string) => a.length === b.length;

  it('React: gives the first of equal values, and the first of the next', () => {
    const keep = createKeeper(sameLength);
    expect(['a', 'b', 'cc', 'dd', 'e'].map(keep)).toEqual(['a', 'a', 'cc', 'cc', 'e']);
  });

  it('React: begins with what was kept before, be it undefined', () => {
    expect(createKeeper(sameLength, { value: 'x' })('y')).toBe('x');
    const compared: unknown[] = [];
    createKeeper(
      (a, b) => {
        compared.push([a, b]);
        return true;
      },
      { value: undefined as unknown },
    )('y');
    expect(compared).toEqual([[undefined, 'y']]);
  });
});

describe('selecting', () => {
  it('React: selects once per state, also where nothing comes of it', () => {
    let state: object | undefined;
    let calls = 0;
    const read = selecting(
      () => state,
      () => {
        calls += 1;
        return undefined;
      },
    );
    read();
    read();
    expect(calls).toBe(1);
    state = {};
    read();
    read();
    expect(calls).toBe(2);
  });
});

describe('sameResult', () => {
  const result: TokenResult = { token: 'a', state: 'fresh', status: 'ok', isServing: true, error: null };
  const others: readonly Partial<TokenResult>[] = [
    { token: 'b' },
    { state: 'stale' },
    { status: 'degraded' },
    { isServing: false },
    { error: new OfflineError() },
  ];

  it('React: results are the same where all five are', () => {
    expect(sameResult(result, { ...result })).toBe(true);
  });

  it.each(others)('React: they are not where one differs: %o', (other) => {
    expect(sameResult(result, { ...result, ...other })).toBe(false);
  });
});

describe('keepRead', () => {
  it('R4.13 React: who waits leaves when it ends, and the mint goes on', async () => {
    const tab = createTab();
    await tab.startFresh();
    let reading: ReturnType<Tab['watch']> | undefined;
    const tokens: TokenLifecycle = Object.create(tab.tokens, {
      getToken: {
        value: (options?: GetTokenOptions) => {
          const read = tab.tokens.getToken(options);
          reading = tab.watch(read);
          return read;
        },
      },
    });
    const leave = keepRead(tokens, { template: 'api' });
    await tab.clock.advance(50);
    expect(reading).toEqual({});
    leave();
    await tab.clock.settle();
    expect(reading).toMatchObject({ error: { name: 'AbortError' }, at: 150 });
    await tab.clock.advance(50);
    expect(tab.tokens.peek({ template: 'api' })).toBe(tab.server.issued[1]);
  });

  it('T12 React: a refused key is not asked for in a loop', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith({ do: 'status', status: 404 });
    const leave = keepRead(tab.tokens, { template: 'none' });
    await tab.clock.advance(10_000);
    leave();
    const asked = tab.server.requests.filter(({ request }) => request.key.template === 'none').length;
    expect(asked).toBe(1);
  });

  it('T29 React: a switch while its key has no token asks for the new one', async () => {
    const tab = createTab();
    await tab.startFresh();
    tab.server.respondWith(({ key }) => (key.template ? { do: 'status', status: 503 } : { do: 'mint' }));
    const leave = keepRead(tab.tokens, { template: 'api' });
    await tab.clock.advance(1_000);
    tab.tokens.setActive({ organizationId: 'org_2' });
    await tab.clock.advance(1_000);
    leave();
    const asked = tab.server.requests.map(({ request: { key } }) => [key.template ?? 'own', key.organizationId]);
    expect(asked).toContainEqual(['api', 'org_2']);
  });

  it('R4.12 React: after a stop and a start its token is asked for again', async () => {
    const tab = createTab();
    await tab.startFresh();
    const leave = keepRead(tab.tokens, { template: 'api' });
    await tab.clock.advance(100);
    tab.tokens.stop();
    await tab.clock.advance(70_000);
    tab.tokens.start();
    await tab.clock.advance(200);
    const asked = tab.server.requests.map(({ request }) => request.key.template ?? 'own');
    leave();
    expect(asked).toEqual(['own', 'api', 'own', 'api']);
  });
});

describe('the entry', () => {
  const sources = readSources('machines', 'adapters', 'index.ts');

  it('React: it brings React along and nothing else', () => {
    expect(packagesBehind('adapters/react/index.ts', sources)).toEqual(['react']);
  });

  it.each([
    ['the host', '../host/create'],
    ['a machine', '../../machines/session/machine'],
    ['a leaf', '../cache/memory'],
    ['the main entry', '../../index'],
    ['another framework', 'svelte'],
  ])('React: %s is none of its business', (_, specifier) => {
    const path = 'adapters/react/use-more.ts';
    const tree = new Map([...sources, [path, `import type { A } from '${specifier}';`]]);
    expect(wrongArrows(tree)).toEqual([expect.stringContaining(path)]);
  });
});
