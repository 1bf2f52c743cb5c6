import { expect, it } from 'vitest';
import { busiest } from '../support/audit';
import { createBrowser } from '../support/browser';

it('S9 R5.28 nothing is answered any more, and five tabs read: tries that overlap count as well, 7 a minute in all', async () => {
  const browser = createBrowser();
  for (let tab = 0; tab < 5; tab += 1) browser.open();
  await browser.clock.advance(10_000);
  browser.server.respondWith({ do: 'hang' });
  await browser.read(300_000);
  expect(busiest(browser.instants, 60_000)).toBeLessThanOrEqual(7);
});

it('S9 R9.8 the clock jumps an hour ahead, and twenty tabs take their token for expired: a handful of requests in all', async () => {
  const browser = createBrowser();
  const tabs = Array.from({ length: 20 }, () => browser.open());
  await browser.clock.advance(10_000);
  browser.clock.skew(3_600_000);
  expect(await browser.read(30_000)).toEqual([]);
  // Seven, and one more for each that was asked for once more: twenty tabs cost no more than two handfuls.
  expect(busiest(browser.instants, 30_000)).toBeLessThanOrEqual(10);
  expect(new Set(tabs.map(({ tokens }) => tokens.peek())).size).toBe(1);
});
