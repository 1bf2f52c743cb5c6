import { httpTokenSource } from '../../../adapters/source/http';
import { type ServerBehaviour, sourceContract } from '../contract/source';
import { drop, hang, json, type Reply, startServer } from './server';

function replyFor(behaviour: ServerBehaviour): Reply {
  switch (behaviour.does) {
    case 'mint':
      return json(200, { token: behaviour.token });
    case 'refuse': {
      const { status, code, retryAfterSeconds: wait } = behaviour;
      return json(
        status,
        code ? { errors: [{ code }] } : {},
        wait === undefined ? {} : { 'retry-after': String(wait) },
      );
    }
    case 'end-session':
      return json(404, { errors: [{ code: 'session_not_found' }] });
    case 'answer-without-token':
      return json(200, {});
    case 'hang':
      return hang;
    case 'drop':
      return drop;
  }
}

sourceContract('httpTokenSource', async () => {
  const server = await startServer();
  return {
    source: httpTokenSource({
      url: `${server.origin}/tokens`,
      sessionUrl: `${server.origin}/session`,
      revokeUrl: `${server.origin}/session/end`,
    }),
    behave: (behaviour) => server.answer(replyFor(behaviour)),
    arrived: () => server.arrived(1),
    requestLines: () => server.seen.map(({ method, url }) => `${method} ${url}`),
    close: server.close,
  };
});
