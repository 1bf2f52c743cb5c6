/** Simulated worlds: a short run of them, and that a seed says everything. */
import { describe, expect, it } from 'vitest';
import { simulate } from '../../adapters/testing/simulate/simulate';

const reports = (found: readonly { readonly report: string }[]): string =>
  found.map(({ report }) => report).join('\n\n');

describe('simulate()', () => {
  it('S1 S11 L1 L4 nothing is broken in some hours of worlds of every kind', { timeout: 60_000 }, async () => {
    const { violations, hours, reads, mints, faults } = await simulate({ seed: 1, hours: 15 });
    expect(reports(violations)).toBe('');
    expect(hours).toBeGreaterThanOrEqual(15);
    expect(reads).toBeGreaterThan(1_000);
    expect(mints).toBeGreaterThan(100);
    expect(Object.keys(faults).length).toBeGreaterThan(20);
  });
});
