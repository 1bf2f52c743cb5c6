/** Two tabs, a lock, a record and messages that come late, twice or never: as far as the limit goes. */
import { describe, expect, it } from 'vitest';
import { replaySystem } from '../../adapters/testing/explore/replay';
import { search } from '../../adapters/testing/explore/search';
import { tabsExploration } from '../../adapters/testing/explore/tabs/system';
import { tokenMachine } from '../../machines/token/machine';

const patient = { timeout: 180_000 };

describe('explore: two tabs', () => {
  it('L3 R10.4 S3 S4 S5 S7 S8 S10 hold in every state as far as the limit goes', patient, () => {
    const { system, invariants } = tabsExploration(tokenMachine);
    const report = search(system, { invariants, limit: 2_000 });
    expect(String(report.violation ?? 'all well')).toBe('all well');
    expect(report).toMatchObject({ states: 2_000, exhaustive: false });
    expect(report.longestWays.L3).toBeGreaterThan(2);
  });

  it('S8 T23 a tab that takes whatever a peer sends is found, and replayed', patient, () => {
    const guards = { isFresherPeerToken: () => true, isFresherWhileBound: () => true };
    const { system, invariants } = tabsExploration(tokenMachine.provide({ guards }));
    const { violation } = search(system, { invariants, limit: 20_000 });
    expect(violation?.law).toBe('S8');
    if (!violation) return;
    expect(String(replaySystem(violation.file, { system, invariants }))).toBe(String(violation));
    const sound = tabsExploration(tokenMachine);
    expect(replaySystem(violation.file, sound)).toBeNull();
  });

  it('L3 R10.4 where only messages go wrong, every state there is keeps every law', patient, () => {
    const { system, invariants } = tabsExploration(tokenMachine, { scene: 'calm' });
    const report = search(system, { invariants });
    expect(String(report.violation ?? 'all well')).toBe('all well');
    expect(report.exhaustive).toBe(true);
    expect(report.states).toBeGreaterThan(5_000);
  });

  it('T23 L3 tabs that never take what a peer sends do not come to the same token', patient, () => {
    const guards = { isFresherPeerToken: () => false, isFresherWhileBound: () => false, hasAdopted: () => false };
    const { system, invariants } = tabsExploration(tokenMachine.provide({ guards }), { scene: 'calm' });
    const { violation } = search(system, { invariants });
    expect(violation).toMatchObject({ law: 'L3', complaint: 'From there it can go round for ever.' });
    if (!violation) return;
    expect(replaySystem(violation.file, { system, invariants })?.law).toBe('L3');
    expect(String(violation)).toContain('— from here it goes round —');
  });
});
