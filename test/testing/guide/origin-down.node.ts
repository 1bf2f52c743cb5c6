import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenServer, createVirtualClock } from '../../../adapters/testing/index';
import { createTokenLifecycle } from '../../../index';

test('an origin that is down for a moment costs nobody anything', async () => {
  const clock = createVirtualClock();
  const server = createTokenServer({ clock, ttlSeconds: 60 });
  const tokens = createTokenLifecycle({
    session: { id: 'sess_1' },
    source: server.source(), // httpTokenSource over server.fetch
    clock,
    policy: { jitter: 0 },
  }).start();

  await clock.advance(100); // one round trip
  server.script([{ do: 'status', status: 503 }]);
  await clock.advance(60_000);

  assert.deepEqual(server.mints, [50, 43_050, 46_050]); // the second failed, the third did not
  assert.equal(tokens.getState().status, 'ok');
  tokens.stop();
  assert.equal(clock.pending, 0);
});
