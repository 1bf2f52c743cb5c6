/** What was learned of the server's clock outlives the page. */
import { expect, it } from 'vitest';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { createTab } from '../support/tab';

function browser(offsetMs: number) {
  const shared = { clock: createVirtualClock(), store: memoryStore() };
  return () => createTab({ ...shared, server: { offsetMs } });
}

it('R9.11 a client whose clock is ahead pays for that once, not at every start', async () => {
  const open = browser(-300_000);
  const first = open();
  first.tokens.start();
  await first.clock.advance(5_000);
  expect(first.server.instants).toEqual([0, 1_000]);
  first.tokens.stop();

  const second = open();
  second.tokens.start();
  const read = second.watch(second.tokens.getToken());
  await second.clock.settle();
  expect(second.tokens.getState().clockOffsetMs).toBe(-299_100);
  await second.clock.advance(5_000);
  expect(second.server.instants).toEqual([0]);
  expect(read.at).toBe(100);
  expect(second.tokens.getState().state).toBe('fresh');
});

it('R9.11 the clock was put right meanwhile: the old offset is unlearned by the first answers', async () => {
  const clock = createVirtualClock();
  const store = memoryStore();
  const first = createTab({ clock, store, server: { offsetMs: 300_000 } });
  await first.startFresh();
  await clock.settle();
  first.tokens.stop();

  const second = createTab({ clock, store });
  second.tokens.start();
  const read = second.watch(second.tokens.getToken());
  await clock.advance(3_000);
  expect(read.token === second.server.issued.at(-1)).toBe(true);
  expect(second.server.instants.length).toBeLessThanOrEqual(2);
  expect(Math.abs(second.tokens.getState().clockOffsetMs)).toBeLessThanOrEqual(1_000);
});

it('R9.11 an offset of more than a day in the store is no offset', async () => {
  const store = memoryStore();
  const first = createTab({ store });
  await first.startFresh();
  await first.clock.settle();
  first.tokens.stop();
  const names: string[] = [];
  const spoiled = {
    ...store,
    read: async (name: string) => {
      names.push(name);
      const record = await store.read(name);
      return record && { ...record, clockOffsetMs: 90_000_000_000 };
    },
  };
  const second = createTab({ store: spoiled });
  second.tokens.start();
  await second.clock.advance(100);
  expect(names.length).toBeGreaterThan(0);
  expect(second.tokens.getState()).toMatchObject({ state: 'fresh', clockOffsetMs: 0 });
});
