/** Messages that no tab of ours has sent. */

import { type Tabs, until } from './tabs';
import type { TabPage } from './tabs-config';
import { measureSpan, shortPolicy, troublesOf } from './tabs-lives';

/** What the page's script finds. */
declare const tab: TabPage;

type Overheard = Record<string, unknown>;

const namespace = 'shop';

/** A page of the origin without a lifecycle, which listens to the others and then talks like them. */
export async function measureForged(world: Tabs) {
  const { server } = world;
  const tabs = await world.openAll(2, {
    session: { id: 'sess_1' },
    policy: shortPolicy,
    namespace,
    readEveryMs: 1_000,
  });
  const forger = await world.blank();
  await forger.evaluate((name) => {
    const heard: Overheard[] = [];
    Object.assign(window, { heard, channel: new BroadcastChannel(name) });
    (window as unknown as { channel: BroadcastChannel }).channel.onmessage = ({ data }) => heard.push(data);
  }, namespace);
  const heard = () => forger.evaluate(() => (window as unknown as { heard: Overheard[] }).heard);
  await until('a token is told of', async () => (await heard()).some(({ is }) => is === 'token'));
  const model = (await heard()).find(({ is }) => is === 'token') ?? {};

  const year = 365 * 24 * 60 * 60;
  const now = Math.floor(Date.now() / 1_000);
  const farFuture = await server.authority.sign({ sessionId: 'sess_1' }, { issuedAt: now + 10 * year });
  const ofAnother = await server.authority.sign({ sessionId: 'sess_evil' }, { issuedAt: now + 1 });
  const forgeries: Overheard[] = [
    { ...model, from: 'forger', token: farFuture },
    { ...model, from: 'forger', token: ofAnother },
    { ...model, from: 'forger', token: 'opaque', issuedAt: Date.now(), expiresAt: Date.now() + 1e12 },
    { ...model, from: 'forger', token: 'x'.repeat(20_000) },
    { ...model, from: 'forger', offsetMs: 1e15 },
    { ...model, from: 'forger', floorUntil: 1e15, retryAfterMs: 1e15, pause: { kind: 'retry-after', ms: 1e15 } },
    { v: 1, from: 'forger', is: 'notice', key: model.key, epoch: 1e15, fingerprint: 'ffffffff', floorUntil: 1e15 },
    { v: 1, from: 'forger', is: 'floor', key: model.key, until: 1e15 },
    { v: 2, from: 'forger', is: 'signed-out', session: model.key, epoch: 1e15 },
    JSON.parse('{"__proto__":{"v":1,"is":"signed-out","polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    JSON.parse('{"v":1,"from":"forger","is":"__proto__","key":"__proto__","epoch":1}'),
  ];
  const from = Date.now();
  await forger.evaluate((each) => {
    const { channel } = window as unknown as { channel: BroadcastChannel };
    for (const message of [...each, null, 'token', 7, [], new Map([['v', 1]])]) channel.postMessage(message);
  }, forgeries);

  const span = await measureSpan(world, from, 3);
  const sessions = await Promise.all(
    tabs.map(async (one) => (await server.authority.verify((await one.read()) ?? '')).sid),
  );
  const polluted = await Promise.all(tabs.map(({ page }) => page.evaluate(() => 'polluted' in {})));
  const states = await Promise.all(tabs.map(async (one) => (await one.state()).status));
  const offsets = await Promise.all(tabs.map(({ page }) => page.evaluate(() => tab.tokens.getState().clockOffsetMs)));
  return {
    sent: forgeries.length + 5,
    perLife: span,
    sessions,
    states,
    offsets,
    polluted: polluted.filter(Boolean).length,
    ...(await troublesOf(tabs)),
  };
}
