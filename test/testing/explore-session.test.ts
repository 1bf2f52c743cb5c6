/** The session machine, explored; and copies of it that lack a rule. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../adapters/testing/explore/explore';
import { sessionExploration } from '../../adapters/testing/explore/session/exploration';
import { sessionMachine } from '../../machines/session/machine';

const patient = { timeout: 120_000 };

describe('explore: the session machine', () => {
  it('S1 S7 T27 R7.6 R8.15 hold in every state there is, and every transition is taken', patient, () => {
    const report = explore(sessionMachine, sessionExploration());
    expect(String(report.violation ?? 'all well')).toBe('all well');
    expect(report.exhaustive).toBe(true);
    expect(report.states).toBeGreaterThan(3_000);
    expect(report.neverWalked).toEqual([]);
  });

  it('R7.6 a key of somebody else is not opened: two moves', patient, () => {
    const machine = sessionMachine.provide({ guards: { isNewKey: () => true } });
    const { violation } = explore(machine, sessionExploration());
    expect(violation?.law).toBe('R7.6');
    expect(violation?.steps).toHaveLength(3);
    expect(String(violation)).toContain('is the key of another session.');
  });

  it('S1 R8.5 a store that cannot be read is not "nobody"', patient, () => {
    const machine = sessionMachine.provide({ guards: { isComplete: () => true } });
    const { violation } = explore(machine, sessionExploration());
    expect(violation).toMatchObject({ law: 'S1', complaint: 'Signed out, because a store cannot be read.' });
  });
});
