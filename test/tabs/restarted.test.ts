import { expect, it } from 'vitest';
import { memoryCookie } from '../../adapters/cookie/memory';
import { createBrowser } from '../support/browser';

it('I08 R10.14 a barred tab that is stopped and started is barred still', async () => {
  const browser = createBrowser();
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  browser.focus(second);
  second.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(1_000);
  first.tokens.stop();
  browser.focus(first);
  first.tokens.start();
  await browser.clock.advance(5_000);
  expect(first.tokens.getState()).toMatchObject({ sessionId: 'sess_1', state: 'fresh' });
  expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
});

it('I08 R10.14 R8.17 without a companion: what a barred tab wrote over comes back', async () => {
  const { readContext: _, writeContext: __, ...cookie } = memoryCookie();
  const browser = createBrowser({ cookie });
  const [first, second] = [browser.open(), browser.open()];
  await browser.clock.advance(1_000);
  browser.focus(second);
  second.tokens.signIn({ session: { id: 'sess_2' } });
  await browser.clock.advance(1_000);
  browser.focus(first);
  await browser.clock.settle();
  expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
  first.tokens.refresh().catch(() => {});
  await browser.clock.advance(5_000);
  expect(browser.cookie.read()).toEqual([{ value: second.tokens.peek() }]);
});

it('T29 setActive right after the start, while what is stored is still being read', async () => {
  for (const target of [{ organizationId: 'org_1' }, { sessionId: 'sess_2' }]) {
    const browser = createBrowser();
    const tab = browser.open();
    tab.tokens.setActive(target);
    await browser.clock.advance(2_000);
    expect(tab.tokens.getState()).toMatchObject({ state: 'fresh', ...target });
    expect(browser.cookie.read()).toEqual([{ value: tab.tokens.peek() }]);
  }
});
