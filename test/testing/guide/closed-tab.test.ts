import { expect, test } from 'vitest';
import { createWorld, formatTrace } from '../../../adapters/testing/index';

test('the tab that mints may be closed in the middle of it', async () => {
  using world = createWorld({ tabs: 3, policy: { jitter: 0 } });
  await world.advance(43_020); // the second mint is on its way
  world.tab(0).close();

  await world.advance(10_000);
  const read = world.read(1);
  await world.advance(0);

  expect(read.outcome, world.explain(1)).toMatchObject({ is: 'token' });
  expect(world.cookies.values, formatTrace(world.trace)).toHaveLength(1);
});
