import { describe, expect, it } from 'vitest';
import type { SharedRecord, SharedStore } from '../../../machines/ports';

const record = (generation: number, more: Partial<SharedRecord> = {}): SharedRecord => ({
  v: 1,
  generation,
  epoch: 1,
  ...more,
});

const full: SharedRecord = record(7, {
  issuedAt: 1000,
  expiresAt: 61_000,
  fingerprint: '0a1b2c3d',
  floorUntil: 5000,
  attempt: 2,
  clockOffsetMs: -65_000,
  active: { sessionHash: 's', organizationHash: 'o' },
  tombstone: { at: 3000, reason: 'user' },
  rejected: ['ffff0000'],
  inFlight: { owner: 'tab', startedAt: 1, deadline: 2, credential: 'c', sessionHash: 's' },
  inFlightToo: [{ owner: 'tab', startedAt: 1, deadline: 2, credential: 'd', sessionHash: 't' }],
});

const next = (now: SharedRecord | undefined): SharedRecord => record((now?.generation ?? 0) + 1);

/**
 * Two connections to one store: two tabs. `make` gives them over an empty one. What a hint does not promise, tabs of one
 * process still get from it: they cannot come in between.
 */
export function storeContract(
  name: string,
  make: () => Promise<{ first: SharedStore; second: SharedStore }> | { first: SharedStore; second: SharedStore },
  consistency: SharedStore['consistency'] = 'ordered',
): void {
  describe(`store contract: ${name}`, () => {
    it('§10 knows nothing of a key that was never written', async () => {
      const { first } = await make();
      expect(await first.read('a')).toBeUndefined();
    });

    it('§10 every field of a record survives, in the other tab too', async () => {
      const { first, second } = await make();
      expect(await first.update('a', () => full)).toEqual(full);
      expect(await second.read('a')).toEqual(full);
    });

    it('§10 update is told what is there and gives back what is there now', async () => {
      const { first } = await make();
      const seen: (number | undefined)[] = [];
      for (let round = 0; round < 3; round += 1) {
        await first.update('a', (now) => {
          seen.push(now?.generation);
          return next(now);
        });
      }
      expect(seen).toEqual([undefined, 1, 2]);
      expect(await first.read('a')).toEqual(record(3));
    });

    it('§10 undefined deletes', async () => {
      const { first, second } = await make();
      await first.update('a', next);
      expect(await first.update('a', () => undefined)).toBeUndefined();
      expect(await second.read('a')).toBeUndefined();
    });

    it('§10 keys do not touch each other', async () => {
      const { first } = await make();
      await first.update('a', () => record(1));
      await first.update('b', () => record(2));
      await first.update('a', () => undefined);
      expect(await first.read('b')).toEqual(record(2));
    });

    it('S6 updates from both tabs at once lose nothing', async () => {
      const { first, second } = await make();
      const all = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? first : second).update('a', next));
      const results = await Promise.all(all);
      expect(await first.read('a')).toEqual(record(40));
      expect(new Set(results.map((one) => one?.generation)).size).toBe(40);
    });

    it('S6 says whether it is ordered', async () => {
      const { first, second } = await make();
      expect([first.consistency, second.consistency]).toEqual([consistency, consistency]);
    });

    it('S6 once an update has resolved, the other tab reads it', async () => {
      const { first, second } = await make();
      for (let round = 1; round <= 20; round += 1) {
        const [writer, reader] = round % 2 === 0 ? [first, second] : [second, first];
        await writer.update('a', next);
        expect((await reader.read('a'))?.generation).toBe(round);
      }
    });

    it('§10 a change that throws rejects with what it threw, and changes nothing', async () => {
      const { first } = await make();
      await first.update('a', () => record(1));
      const thrown = new Error('no');
      await expect(
        first.update('a', () => {
          throw thrown;
        }),
      ).rejects.toBe(thrown);
      expect(await first.read('a')).toEqual(record(1));
      expect((await first.update('a', next))?.generation).toBe(2);
    });

    it('§10 whoever holds on to a record changes his copy only', async () => {
      const { first } = await make();
      const mine = record(1, { rejected: ['a'] });
      const given = await first.update('a', () => mine);
      expect(given).not.toBe(mine);
      mine.generation = 99;
      if (given) given.generation = 98;
      const read = await first.read('a');
      if (read) read.epoch = 97;
      expect(await first.read('a')).toEqual(record(1, { rejected: ['a'] }));
      await first
        .update('a', (now) => {
          if (now) now.epoch = 96;
          throw new Error('no');
        })
        .catch(() => {});
      expect(await first.read('a')).toEqual(record(1, { rejected: ['a'] }));
    });

    it('J09 methods work without their receiver', async () => {
      const { read, update } = (await make()).first;
      await update('a', next);
      expect(await read('a')).toEqual(record(1));
    });
  });
}
