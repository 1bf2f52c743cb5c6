/** The shared record: what this browser agrees on, without a secret. Writes are queued, failures reported. */
import type { Remembered, Session } from '../../machines/events';
import { isFromTheFuture } from '../../machines/held-token';
import type { SharedKey, SharedRecord } from '../../machines/ports';
import { elapsedMs, type Instant } from '../../machines/time';
import { parseRecord } from '../store/record';
import { hashName } from '../token/fingerprint';
import { createFloor } from './floor';
import { type Mark, markOf } from './mark';
import type { Names } from './names';
import type { Observer } from './observer';
import { createOpenMarks } from './open-marks';
import type { Settings } from './options';
import type { Outcome, Report } from './report';

type Change = (now: SharedRecord) => SharedRecord;

export type RecordKeeper = {
  /** What was read or written last. */
  readonly known: SharedRecord | undefined;
  read(): Promise<Outcome<SharedRecord | undefined>>;
  /**
   * Resolves with the record as it is afterwards, or `undefined` where it could not be written. A sign-in or sign-out, of the
   * session that it is `owedTo`, then goes along with the next write that works, and is known here at once. It is owed in the
   * place of what was owed of that session before, save where a session only `goesOn` after a stop.
   */
  update(change: Change, owedTo?: Session | null, goesOn?: boolean): Promise<SharedRecord | undefined>;
  /** The same, of one key, and of what goes along with it. */
  updateKey(
    name: string,
    change: (now: SharedKey) => SharedKey,
    along?: (now: SharedRecord) => SharedRecord,
  ): Promise<SharedRecord | undefined>;
  /** For how long the request that it stands for may still be open, in ms. */
  openForMs(mark: Mark): number;
  /** The source asked every tab of this browser to wait. What cannot be written is owed as well. */
  raiseFloor(ms: number): void;
  /**
   * What the record says to the machines of `session`. A session that starts is as late as the last sign-in, whoever it
   * was of: the page, or what is stored, says that it is there now.
   */
  remembered(record: SharedRecord, session: Session | null, starting?: boolean): Remembered;
  /** Resolves when everything asked for so far has been written. */
  idle(): Promise<unknown>;
  /** It failed a moment ago: nobody waits for the next attempt. After a minute, a page may have been frozen, it is anybody's guess. */
  readonly isFailing: boolean;
  /** A new start knows nothing yet of what this tab wrote. */
  restart(): void;
};

const emptyRecord: SharedRecord = { v: 1, generation: 0, epoch: 0 };
/** For so long a store that failed is taken to fail still, unless it is heard to work. */
const failingForMs = 60_000;
/** More keys than that are not in use: the ones written last stay. */
const rememberedKeys = 50;

export const activeOf = (session: Session): NonNullable<SharedRecord['active']> => ({
  sessionHash: hashName(session.id),
  organizationHash: hashName(session.organizationId ?? ''),
});

/**
 * The offset that was learned in this browser, at `wallMs`. Not one that puts the server before the token that was recorded with
 * it: somebody has set the wall clock back since, and the server's did not run backwards (R9.14).
 */
export function offsetIn({ clockOffsetMs, issuedAt }: SharedRecord, wallMs: number): number | undefined {
  if (clockOffsetMs === undefined || issuedAt === undefined) return clockOffsetMs;
  return isFromTheFuture(issuedAt, wallMs + clockOffsetMs) ? undefined : clockOffsetMs;
}

export function createRecordKeeper(settings: Settings, names: Names, observer: Observer, report: Report): RecordKeeper {
  const { store, policy } = settings;
  let queue: Promise<unknown> = Promise.resolve();
  let known: SharedRecord | undefined;
  let failedAt: Instant | null = null;
  const floor = createFloor(observer, policy.retryAfterMaxMs);
  const openForMs = createOpenMarks(observer, policy.requestTimeoutMs);
  /** Of each session the last sign-in or sign-out that could not be written, and what the source asked for, in their order. */
  const owed = new Map<string, Change>();
  /** The last of each that was asked for, which may still wait for its turn to be written. */
  const latest = new Map<string, Change>();
  const withOwed: Change = (record) => [...owed.values()].reduce((now, change) => change(now), record);

  function write(change: Change, owedAs: string | null, goesOn = false): Promise<SharedRecord | undefined> {
    if (owedAs !== null && !goesOn) latest.set(owedAs, change);
    const writing = async () => {
      if (owedAs !== null && !goesOn) owed.delete(owedAs);
      const whole: Change = (now) => change(withOwed(now));
      const outcome = await report.settle('store', 'update', () =>
        store.update(names.record, (now) => {
          const found = parseRecord(now) ?? emptyRecord;
          return { ...whole(found), generation: found.generation + 1 };
        }),
      );
      failedAt = outcome.ok ? null : observer.now();
      if (outcome.ok) {
        owed.clear();
        known = parseRecord(outcome.value);
        return known;
      }
      if (owedAs !== null) {
        if (!owed.has(owedAs)) owed.set(owedAs, change);
        // A sign-out is no news where somebody has signed in since, and that waits behind it.
        if (goesOn || latest.get(owedAs) === change) known = change(known ?? emptyRecord);
      }
      return undefined;
    };
    const written = queue.then(writing);
    queue = written;
    return written;
  }

  const update: RecordKeeper['update'] = (change, owedTo = null, goesOn = false) => {
    if (owedTo && !goesOn) floor.lift();
    return write(change, owedTo && `session ${owedTo.id}`, goesOn);
  };

  return {
    get known() {
      return known;
    },
    // Behind the writes before it: who looks again sees what was written here.
    read: () => {
      const found = queue.then(async () => {
        const outcome = await report.settle('store', 'read', async () => parseRecord(await store.read(names.record)));
        failedAt = outcome.ok ? null : observer.now();
        if (!outcome.ok) return outcome;
        known = owed.size > 0 ? withOwed(outcome.value ?? emptyRecord) : outcome.value;
        return { ok: true as const, value: known };
      });
      queue = found;
      return found;
    },
    update,
    updateKey: (name, change, along = (now) => now) =>
      update((before) => {
        const now = along(before);
        const { [name]: entry, ...others } = now.keys ?? {};
        const kept = Object.entries(others).slice(1 - rememberedKeys);
        return { ...now, keys: { ...Object.fromEntries(kept), [name]: change(entry ?? {}) } };
      }),
    openForMs,
    raiseFloor: (ms) => {
      floor.raise(ms);
      void write(floor.raisedIn, 'floor');
    },
    remembered: (record, session, starting = false) => {
      const { epoch, issuedAt, rejected, outage, active, signInEpoch, signIns, signedOut } = record;
      const clockOffsetMs = offsetIn(record, observer.now().wallMs);
      const pause = floor.pauseIn(record);
      const hash = session && hashName(session.id);
      const inFlight = hash === null ? undefined : markOf(record, hash);
      const left = hash === null ? undefined : signedOut?.[hash];
      const signIn = hash === null ? undefined : signIns?.[hash];
      return {
        epoch,
        ...(clockOffsetMs !== undefined && { clockOffsetMs, ...(issuedAt !== undefined && { issuedAt }) }),
        ...(pause && { pause }),
        ...(rejected && { rejected }),
        // One that may still run is left to whoever gets the lock.
        ...(inFlight && openForMs(inFlight) === 0 && settings.credential.kind === 'rotating' && { answerLost: true }),
        ...(outage !== undefined && { outage }),
        ...(starting
          ? // Whoever starts after a sign-out is signed in again.
            { signInEpoch: Math.max(signInEpoch ?? 0, left === undefined ? 0 : left + 1) }
          : {
              // Somebody else's sign-in does not make this session a later one.
              ...(signInEpoch !== undefined && active?.sessionHash === hash && { signInEpoch }),
              ...(signIn && { signedInAt: signIn.at }),
              ...(left !== undefined && { signedOut: left }),
            }),
      };
    },
    idle: () => queue,
    get isFailing() {
      return failedAt !== null && elapsedMs(failedAt, observer.now()) < failingForMs;
    },
    restart: floor.restart,
  };
}
