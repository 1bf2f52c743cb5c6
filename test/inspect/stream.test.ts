/** S11: the whole stream of every target, through long faulty runs and past careless machines, without a piece of a secret. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findPieces, runsIn } from '../support/pieces';
import { createSecrets, runCareless } from './support/careless';
import { createEverywhere } from './support/everywhere';
import { playWorld } from './support/world';

const worlds = [
  { seed: 4, credential: 'ambient' },
  { seed: 7, credential: 'rotating' },
  { seed: 9, credential: 'reusable' },
] as const;

const targets = ['stately', 'window', 'iframe', 'websocket'] as const;

describe('the stream', { timeout: 120_000 }, () => {
  let left: Awaited<ReturnType<ReturnType<typeof createEverywhere>['collect']>>;
  const minted: string[] = [];
  const secrets = createSecrets();

  beforeAll(async () => {
    const everywhere = createEverywhere();
    for (const world of worlds) minted.push(...(await playWorld(world, everywhere.inspect)));
    const some = [
      minted.find((one) => one.startsWith('eyJ')) ?? '',
      minted.find((one) => one.startsWith('cred')) ?? '',
    ];
    await runCareless(secrets, everywhere.inspect, some);
    left = await everywhere.collect();
    everywhere.stop();
  }, 120_000);

  it('S11 there was something to leak, and a stream to leak into', () => {
    expect(minted.filter((one) => one.startsWith('eyJ')).length).toBeGreaterThan(30);
    expect(minted.filter((one) => one.startsWith('credential-')).length).toBeGreaterThan(5);
    expect(secrets.byPlace.size).toBeGreaterThan(20);
    for (const target of targets) expect([target, left[target].length > 400]).toEqual([target, true]);
  });

  it.each(targets)('S11 no 16 characters of anything minted, cached or rotated go to %s', (target) => {
    expect(findPieces(minted, new Set(left[target].flatMap(runsIn)))).toEqual([]);
  });

  it.each(targets)('S11 nothing that careless machines hold goes to %s, wherever they hold it', (target) => {
    const runs = new Set(left[target].flatMap(runsIn));
    const leaks = [...secrets.byPlace].filter(([, held]) => findPieces(held, runs).length > 0);
    expect(leaks.map(([place]) => place)).toEqual([]);
  });

  it('S11 what is left is worth looking at: states, events, facts and charts', () => {
    const said = left.websocket.map((text) => JSON.parse(text));
    const ofType = (type: string) => said.filter((one) => one.type === type);
    const charts = ofType('@xstate.actor').map(({ definition }) => JSON.parse(definition));
    const token = charts.find(({ id }) => id === 'token');
    expect(Object.keys(token.states)).toContain('outage-fallback');
    expect(token.states.fresh.description).not.toContain('redacted');
    const values = JSON.stringify(ofType('@xstate.snapshot').map(({ snapshot }) => snapshot.value));
    expect(values).toContain('outage-fallback');
    expect(values).not.toContain('redacted');
    const minted = said.filter(({ event }) => event?.output?.is === 'minted').map(({ event }) => event.output.token);
    expect(minted.length).toBeGreaterThan(10);
    for (const { fingerprint, generation, issuedAt } of minted) {
      expect([fingerprint, generation, issuedAt]).toEqual([
        expect.stringMatching(/^[0-9a-f]{8}$/),
        expect.any(Number),
        expect.any(Number),
      ]);
    }
  });

  it('S11 the search finds what is there', () => {
    const runs = runsIn(JSON.stringify({ deep: `x${minted[0]?.slice(3, 19)}y` }));
    expect(findPieces(minted, runs)).not.toEqual([]);
  });
});
