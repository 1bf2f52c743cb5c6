/** S11: of all tokens that ever came, the memory of the page keeps those that are held, and no other. */
import { expect, it, vi } from 'vitest';
import type { Vault } from '../../adapters/host/vault';
import { jwt } from '../support/jwt';
import { createTab } from '../support/tab';
import type { Behaviour } from '../support/token-server';

const kept = vi.hoisted(() => new Set<number>());

vi.mock('../../adapters/host/vault', async (original) => {
  const { createVault } = await original<typeof import('../../adapters/host/vault')>();
  return {
    createVault: (): Vault => {
      const vault = createVault();
      return {
        ...vault,
        put: (token) => {
          const generation = vault.put(token);
          kept.add(generation);
          return generation;
        },
        drop: (generation) => {
          vault.drop(generation);
          kept.delete(generation);
        },
      };
    },
  };
});

const start = Date.UTC(2026, 0, 1) / 1_000;

it.each<[title: string, answer: Behaviour]>([
  ['fresh ones, each in the place of the one before', { do: 'mint' }],
  ['ones of another session (R5.10)', { do: 'mint', sid: 'sess_2' }],
  ['ones that had expired (R5.10)', { do: 'answer', result: { token: jwt({ iat: start - 120, exp: start - 60 }) } }],
  ['ones that never end (R7.5)', { do: 'answer', result: { token: jwt({ iat: start }) } }],
])('S11 %s', async (_, answer) => {
  kept.clear();
  const tab = createTab();
  await tab.startFresh();
  expect(kept.size).toBe(1);
  tab.server.respondWith(answer);
  await tab.clock.advance(30 * 60_000);
  expect(tab.server.instants.length).toBeGreaterThan(8);
  expect(kept.size).toBeLessThanOrEqual(1);
});
