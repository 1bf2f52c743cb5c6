/** The shared record: what this browser agrees on, without a secret. Writes are queued, failures reported. */
import type { Remembered } from '../../machines/events';
import type { SharedRecord } from '../../machines/ports';
import { parseRecord } from '../store/record';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import type { Outcome, Report } from './report';

export type RecordKeeper = {
  read(): Promise<Outcome<SharedRecord | undefined>>;
  /** Resolves with the record as it is afterwards, or `undefined` where it could not be written. */
  update(change: (now: SharedRecord) => SharedRecord): Promise<SharedRecord | undefined>;
  remembered(record: SharedRecord): Remembered;
};

const emptyRecord: SharedRecord = { v: 1, generation: 0, epoch: 0 };

export function createRecordKeeper(settings: Settings, names: Names, observer: Observer, report: Report): RecordKeeper {
  const { store, policy } = settings;
  let queue: Promise<unknown> = Promise.resolve();

  return {
    // Behind the writes before it: who looks again sees what was written here.
    read: () => {
      const found = queue.then(() =>
        report.settle('store', 'read', async () => parseRecord(await store.read(names.record))),
      );
      queue = found;
      return found;
    },
    update: (change) => {
      const write = async () => {
        const outcome = await report.settle('store', 'update', () =>
          store.update(names.record, (now) => {
            const before = parseRecord(now) ?? emptyRecord;
            return { ...change(before), generation: before.generation + 1 };
          }),
        );
        return outcome.ok ? parseRecord(outcome.value) : undefined;
      };
      const written = queue.then(write);
      queue = written;
      return written;
    },
    remembered: ({ epoch, clockOffsetMs, floorUntil, rejected, inFlight }) => {
      const now = observer.now();
      const leftMs = Math.min(policy.retryAfterMaxMs, (floorUntil ?? 0) - now.wallMs);
      return {
        epoch,
        ...(clockOffsetMs !== undefined && { clockOffsetMs }),
        ...(leftMs > 0 && { pause: { since: now, ms: leftMs, kind: 'retry-after' as const } }),
        ...(rejected && { rejected }),
        ...(inFlight && settings.credential.kind === 'rotating' && { answerLost: true }),
      };
    },
  };
}
