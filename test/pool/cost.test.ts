import { describe, expect, it } from 'vitest';
import { measurePool } from './support/measure';

describe('what a pool costs', () => {
  it('L4 an idle session is at most a KB beside its token, and no timer', {
    timeout: 120_000,
  }, async () => {
    const cost = await measurePool(5_000, 20, 5_000);
    expect(cost.timersWhileIdle).toBe(0);
    expect(cost.idleBytes).toBeGreaterThan(0);
    expect(cost.idleBytes).toBeLessThanOrEqual(1_024);
  });
});
