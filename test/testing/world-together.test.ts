/** Whole worlds of real lifecycles, as a user would write them; every law of §12 is checked over each. */
import { describe, expect, it } from 'vitest';
import { formatTrace } from '../../adapters/testing/format-trace';
import { checkTrace } from '../../adapters/testing/invariants';
import type { CheckOptions } from '../../adapters/testing/invariants/types';
import { createWorld, type World } from '../../adapters/testing/world/create';

function expectLawful(world: World, options: CheckOptions = {}): void {
  const shown = checkTrace(world.trace, options).map(({ invariant, message, entries }) =>
    [`${invariant}: ${message}`, formatTrace(entries.flatMap((at) => world.trace[at] ?? []))].join('\n'),
  );
  expect(shown.join('\n\n')).toBe('');
}

describe('a world of several tabs', () => {
  it.each([1, 2, 10])('§10 %d tabs mint once per life of a token', async (tabs) => {
    const world = createWorld({ tabs, policy: { jitter: 0 } });
    for (let second = 0; second < 431; second += 1) {
      await world.advance(1_000);
      if (second % 5 === 0) for (const tab of world.tabs) tab.read();
    }
    // From 0 s, every 43 s.
    expect(world.server.mints).toEqual(Array.from({ length: 11 }, (_, life) => 50 + 43_000 * life));
    expectLawful(world);
  });

  it('§10 single-use credentials are spent once, with tabs closed and crashed in between', async () => {
    const world = createWorld({ tabs: 5, server: { credential: 'rotating' } });
    for (let life = 0; life < 60; life += 1) {
      await world.advance(42_000);
      const tab = world.tab(life % 5);
      if (life % 7 !== 3) continue;
      if (life % 2 === 0) tab.close();
      else tab.crash();
      await world.advance(1_000);
      tab.open();
    }
    expect(world.server.reuses).toBe(0);
    expectLawful(world);
  });

  it('§8 after a sign-out in one tab no tab holds a token, and no cookie comes back', async () => {
    const world = createWorld({ tabs: 5, policy: { jitter: 0 } });
    // A mint is on its way.
    await world.advance(43_020);
    world.tab(3).signOut();
    await world.advance(500);
    expect(world.tabs.map((tab) => tab.peek())).toEqual([null, null, null, null, null]);
    await world.advance(60_000);
    expect(world.cookies.values).toEqual([]);
    expectLawful(world);
  });

  it('§5 offline across an expiry, then online: one mint for all, every tab fresh within 2 s', async () => {
    const world = createWorld({ tabs: 5 });
    await world.advance(30_000);
    world.offline();
    await world.advance(60_000);
    world.online();
    await world.advance(2_000);
    expect(world.tabs.map(({ tokens }) => tokens.getState().state)).toEqual(Array(5).fill('fresh'));
    expect(world.server.mints).toHaveLength(2);
    expectLawful(world);
  });

  it('§9 after the machine slept: one mint for all', async () => {
    const world = createWorld({ tabs: 5 });
    await world.advance(10_000);
    await world.sleep(3_600_000);
    await world.advance(3_000);
    expect(world.server.mints).toHaveLength(2);
    expectLawful(world);
  });
});
