/** The tab whose turn it is comes to an end, or to nothing, in the middle of its mint. */

import { crash, type Tabs, until } from './tabs';
import { shortPolicy, troublesOf } from './tabs-lives';

export type Ending = 'closed' | 'crashed' | 'stuck';

/** How long the others take, counted from the end; of a tab that is stuck, from its request. */
export async function measureHandover(world: Tabs, ending: Ending) {
  const { server } = world;
  const tabs = await world.openAll(3, {
    session: { id: 'sess_1' },
    policy: { ...shortPolicy, lockWaitMs: 2_000 },
    readEveryMs: 250,
  });
  const [first, ...others] = [...tabs].reverse();
  if (!first) throw new Error('No tab was opened.');
  await first.page.bringToFront();
  // Whoever asks first is the one that never gets an answer.
  let holder: string | undefined;
  const before = server.mints.length;
  server.answer = ({ tab }) => {
    holder ??= tab;
    return tab === holder ? 'hang' : 'mint';
  };
  await until('a mint hangs', () => holder !== undefined);
  const asked = server.mints[before]?.at ?? 0;
  const ended = tabs.find(({ name }) => name === holder) ?? first;
  if (ending === 'closed') await ended.page.close();
  if (ending === 'crashed') await crash(ended);
  const over = ending === 'stuck' ? asked : Date.now();
  await until('another tab mints', () => server.mints.slice(before).some(({ status }) => status === 200));
  const mintedBy = server.mints.slice(before).find(({ status }) => status === 200);
  const rest = tabs.filter((tab) => ending === 'stuck' || tab !== ended);
  await Promise.all(rest.map((tab) => tab.reaches('fresh')));
  const tokens = await Promise.all(rest.map((tab) => tab.peek()));
  return {
    afterMs: (mintedBy?.at ?? Number.POSITIVE_INFINITY) - over,
    helped: others.some(({ name }) => name === mintedBy?.tab) || mintedBy?.tab !== holder,
    answered: server.mints.slice(before).filter(({ status }) => status === 200).length,
    different: new Set(tokens).size,
    ...(await troublesOf(rest)),
  };
}
