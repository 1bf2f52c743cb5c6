/** The answer to a single-use credential was lost, and nothing may be sent before the held token is over: what readers get. */
import { expect, it } from 'vitest';
import { createRotating } from './support/rotating';

it('L1 T25 R5.16 with twelve hours of it left: whoever insists gets the error at once, everybody else the token', async () => {
  const browser = await createRotating({ ttlSeconds: 43_200 });
  const tab = browser.open();
  await browser.clock.advance(10_000);
  browser.lose(() => 'dropped');
  const before = tab.watch(tab.tokens.refresh());
  await browser.clock.advance(2_000);
  const after = tab.watch(tab.tokens.refresh());
  await browser.clock.advance(2_000);
  for (const read of [before, after])
    expect(read.error).toMatchObject({ code: 'request_failed', failure: 'ambiguous' });
  expect(await tab.tokens.getToken()).toBe(tab.tokens.peek());
  expect(tab.tokens.peek()).not.toBeNull();
  // And nobody has sent anything for it.
  expect(browser.instants).toHaveLength(2);
});
