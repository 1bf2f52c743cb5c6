/** The shared record as a tab knows it, while writes wait for a store that fails (T28, S1). */
import { expect, it } from 'vitest';
import { createEmitter } from '../../adapters/host/emitter';
import { createNames } from '../../adapters/host/names';
import { createObserver } from '../../adapters/host/observer';
import { readOptions } from '../../adapters/host/options';
import { createRecordKeeper } from '../../adapters/host/record';
import { withSignOut } from '../../adapters/host/record-changes';
import { createReport } from '../../adapters/host/report';
import { memoryStore } from '../../adapters/store/memory';
import { createVirtualClock } from '../../adapters/testing/virtual-clock';
import { hashName } from '../../adapters/token/fingerprint';
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

it('S1 T28 a sign-out that is written late, and by now is in the future, is before what has come on record since', () => {
  const hour = 3_600_000;
  const wallMs = 1_767_225_600_000;
  const hash = hashName('sess_1');
  // Signed in an hour after the clock was set back by three; set ahead again by one since.
  const signInAt = wallMs - 2 * hour;
  const record: SharedRecord = { v: 1, generation: 1, epoch: 1, signIns: { [hash]: { epoch: 1, at: signInAt } } };
  const signOut = (knownSignInAt: number | undefined, nowMs: number) =>
    withSignOut(record, {
      writer: { session, signInEpoch: 0, focused: true },
      prefix: 'app',
      epoch: 2,
      knownSignInAt,
      reason: 'user',
      at: { wallMs, monotonicMs: 0 },
      now: { wallMs: nowMs, monotonicMs: 60_000 },
    }).signedOut;
  expect(signOut(undefined, wallMs - hour)).toBeUndefined();
  expect(signOut(undefined, wallMs - 1_001)).toBeUndefined();
  expect(signOut(signInAt, wallMs - hour)).toEqual({ [hash]: 2 });
  // A clock that was corrected by no more than a second was not set back.
  expect(signOut(undefined, wallMs - 1_000)).toEqual({ [hash]: 2 });
});
