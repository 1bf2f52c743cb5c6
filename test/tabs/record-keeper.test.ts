/** The shared record as a tab knows it, while writes wait for a store that fails (T28, S1). */
import { expect, it } from 'vitest';
import { createEmitter } from '../../adapters/host/emitter';
import { createNames } from '../../adapters/host/names';
import { createObserver } from '../../adapters/host/observer';
import { readOptions } from '../../adapters/host/options';
import { createRecordKeeper } from '../../adapters/host/record';
import { createReport } from '../../adapters/host/report';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import type { SharedRecord } from '../../machines/ports';

const session = { id: 'sess_1' };
const signedOut = (now: SharedRecord): SharedRecord => ({ ...now, epoch: 3, signedOut: { sess_1: 3 } });
const signedIn = ({ signedOut: _, ...now }: SharedRecord): SharedRecord => ({ ...now, epoch: 4 });

/** Every write hangs, until it is given up after 2 s. */
function createHanging() {
  const clock = createVirtualClock();
  const settings = readOptions({
    source: { mint: () => Promise.reject(new Error('not asked')) },
    store: { ...memoryStore(), update: () => new Promise<never>(() => {}) },
    clock,
  });
  const report = createReport(
    createEmitter(() => {}),
    settings.logger,
    clock,
  );
  const keeper = createRecordKeeper(settings, createNames('app'), createObserver(settings, report), report);
  return { clock, keeper };
}

it('S1 T28 a sign-out that could not be written is no news where a sign-in to that session waits behind it', async () => {
  const { clock, keeper } = createHanging();
  void keeper.update(signedOut, session);
  void keeper.update(signedIn, session);
  await clock.advance(2_100);
  expect(keeper.known?.signedOut).toBeUndefined();
  await clock.advance(2_000);
  expect(keeper.known).toMatchObject({ epoch: 4 });
});

it('T27 without one it is, and so it is where the sign-in that waits is to another session', async () => {
  for (const also of [null, { id: 'sess_2' }]) {
    const { clock, keeper } = createHanging();
    void keeper.update(signedOut, session);
    if (also) void keeper.update((now) => ({ ...now, epoch: 4 }), also);
    await clock.advance(2_100);
    expect(keeper.known?.signedOut).toEqual({ sess_1: 3 });
  }
});
