import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInChromium } from '../support/chromium';
import { startTabs, type Tabs } from '../support/tabs';
import { measureOrganizations, measureTossed, measureUsersInTurn } from '../support/tabs-cookie';
import { measureForged } from '../support/tabs-forged';
import { shortLives } from '../support/tabs-lives';
import { measureSignOut } from '../support/tabs-sign-out';

let world: Tabs;

const untroubled = { expired: 0, failed: 0, uncaught: 0, signedOut: 0 };

describeInChromium('whose cookie it is', () => {
  beforeEach(async () => {
    world = await startTabs(shortLives);
  });

  afterEach(() => world.close());

  it('R10.22 I08 two users in turn: the cookie is of whoever signed in last, also while the other tab mints and is looked at', async () => {
    const seen = await measureUsersInTurn(world);
    expect(seen.changes).toEqual(['none', 'sess_ada', 'sess_bob']);
    // Bob's until she has signed in again, then hers, also while his tab is looked at.
    expect([['sess_ada'], ['sess_bob', 'sess_ada']]).toContainEqual(seen.changesAgain);
    expect(seen).toMatchObject({ signedOut: 0, uncaught: 0, reports: [[], []] });
    // Every 50 ms, over ten lives.
    expect(seen.samples).toBeGreaterThan(150);
  });

  it('R10.14 R10.21 two organizations at once: the cookie is of the tab that is looked at', async () => {
    const seen = await measureOrganizations(world, 4);
    expect(seen).toMatchObject({ ...untroubled, turns: 4, changes: 4, wrong: 0 });
    expect(seen.samples).toBeGreaterThan(150);
  });

  it('R10.20 a sibling host tosses a cookie of our name: reported, not taken, and ours is right again', async () => {
    const seen = await measureTossed(world);
    expect(seen.seenByOurs).toBe(2);
    expect(seen.reported).toContain('cookie.read cookie_rejected');
    expect(seen.sessions).toEqual(Array(4).fill('sess_1'));
    expect(seen).toMatchObject({ ...untroubled, cookies: ['app.shop.localhost'], cookieIsOf: 'sess_1' });
  });

  it('R10.12 R7.18 R10.13 forged messages (a token of the far future, huge floors, __proto__) change nothing', async () => {
    const seen = await measureForged(world);
    expect(seen.perLife).toEqual([1, 1, 1]);
    expect(seen.sessions).toEqual(['sess_1', 'sess_1']);
    expect(seen.states).toEqual(['ok', 'ok']);
    expect(Math.max(...seen.offsets.map(Math.abs))).toBeLessThan(1_000);
    expect(seen).toMatchObject({ ...untroubled, polluted: 0, reports: [[], []] });
  });

  it('T27 I06 R8.16 sign-out in one of five tabs while others mint and one is frozen: no token after 500 ms, no cookie for a minute', async () => {
    const seen = await measureSignOut(world, { tabs: 5, watchMs: 60_000 });
    expect(seen.cookieBefore).toBe('sess_1');
    expect(seen.goneAfterMs).toBeLessThan(500);
    expect(seen).toMatchObject({ withCookie: 0, mintsAfter: 0, reads: 0, expired: 0, uncaught: 0, signedOut: 5 });
    expect(seen.samples).toBeGreaterThan(500);
  }, 180_000);
});
