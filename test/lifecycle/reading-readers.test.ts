/** Who waits for what, and that everybody is settled exactly once. */
import { describe, expect, it } from 'vitest';
import { createReaders, type Readers } from '../../adapters/host/readers';

function watch(promise: Promise<string | null>) {
  const outcomes: unknown[] = [];
  promise.then(
    (token) => outcomes.push(token),
    (error) => outcomes.push(error),
  );
  return outcomes;
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const filled = () => {
  const readers = createReaders();
  return {
    readers,
    plain: watch(readers.join()),
    early: watch(readers.joinForced(2)),
    late: watch(readers.joinForced(3)),
  };
};

describe('createReaders', () => {
  it('R4.5 a token that serves settles all plain readers, and no forced one', async () => {
    const { readers, plain, early, late } = filled();
    readers.serve('t');
    await turn();
    expect([plain, early, late]).toEqual([['t'], [], []]);
    expect(readers.waiting).toBe(2);
  });

  it('T25 a mint settles those who forced before it started: numbers above theirs', async () => {
    const { readers, plain, early, late } = filled();
    readers.serveForced(2, 'running when they asked');
    await turn();
    expect([plain, early, late]).toEqual([[], [], []]);
    readers.serveForced(3, 'three');
    await turn();
    expect([plain, early, late]).toEqual([[], ['three'], []]);
    readers.serveForced(9, 'nine');
    await turn();
    expect([plain, early, late]).toEqual([[], ['three'], ['nine']]);
  });

  it('T24 plain readers can fail while forced ones wait on, and the other way round', async () => {
    const one = filled();
    one.readers.rejectPlain(() => new Error('plain'));
    await turn();
    expect([one.plain.length, one.early.length, one.readers.waiting]).toEqual([1, 0, 2]);
    const two = filled();
    two.readers.rejectForced(() => new Error('forced'));
    await turn();
    expect([two.plain.length, two.early.length, two.late.length, two.readers.waiting]).toEqual([0, 1, 1, 1]);
  });

  it('D08 those who fail together get one error, made only if somebody waits', async () => {
    const { readers, early, late } = filled();
    let made = 0;
    const error = () => {
      made += 1;
      return new Error('x');
    };
    readers.rejectForced(error);
    readers.rejectForced(error);
    await turn();
    expect(made).toBe(1);
    expect(early[0]).toBe(late[0]);
  });

  it('R4.7 T27 signed out: everybody gets null', async () => {
    const { readers, plain, early, late } = filled();
    readers.dismiss();
    await turn();
    expect([plain, early, late]).toEqual([[null], [null], [null]]);
    expect(readers.waiting).toBe(0);
  });

  it('R4.15 whatever comes afterwards, nobody is settled twice', async () => {
    const endings: ((readers: Readers) => void)[] = [
      (readers) => readers.serve('t'),
      (readers) => readers.serveForced(9, 't'),
      (readers) => readers.rejectPlain(() => new Error('x')),
      (readers) => readers.rejectForced(() => new Error('x')),
      (readers) => readers.dismiss(),
    ];
    for (const first of endings) {
      const { readers, plain, early, late } = filled();
      first(readers);
      for (const next of endings) next(readers);
      await turn();
      expect([plain.length, early.length, late.length]).toEqual([1, 1, 1]);
      expect(readers.waiting).toBe(0);
    }
  });

  it('R4.5 a reader that joins while others are being settled waits for the next token', async () => {
    const readers = createReaders();
    const second: unknown[] = [];
    const first = readers.join().then(() => readers.join().then((token) => second.push(token)));
    readers.serve('one');
    await turn();
    expect(readers.waiting).toBe(1);
    readers.serve('two');
    await first;
    expect(second).toEqual(['two']);
  });
});
