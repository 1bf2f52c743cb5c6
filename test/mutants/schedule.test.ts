/** What Stryker's mutants of machines/schedule.ts asked for, beyond test/machines/schedule.test.ts. */
import { describe, expect, it } from 'vitest';
import { mergeTries } from '../../machines/schedule';

const at = (seconds: number, monotonicMs = seconds * 1_000) => ({ wallMs: 1_000_000 + seconds * 1_000, monotonicMs });

describe('mergeTries()', () => {
  it('S9 R5.28 tries of several tabs are counted together, in their order, each once', () => {
    const merged = mergeTries([at(10), at(30)], [at(20), at(5), at(30, 7)], at(40));
    expect(merged).toEqual([at(5), at(10), at(20), at(30)]);
  });

  it('S9 R5.28 what is older than the window is forgotten, whoever tried', () => {
    expect(mergeTries([at(0), at(61)], [at(1), at(62)], at(65))).toEqual([at(61), at(62)]);
  });

  it('S9 R5.28 without others, or without own ones, the rest is as it was', () => {
    expect(mergeTries([at(1)], [], at(2))).toEqual([at(1)]);
    expect(mergeTries([], [at(1)], at(2))).toEqual([at(1)]);
  });
});
