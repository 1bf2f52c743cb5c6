import { afterEach, beforeEach, expect, it } from 'vitest';
import { type DemoClient, startDemo } from './client';

type FeedEvent = { readonly event: string; readonly data: unknown };

let demo: DemoClient;

beforeEach(async () => {
  demo = await startDemo();
});

afterEach(async () => {
  await demo.server.close();
});

/** Reads the server-sent events of one answer, one by one. */
async function* feedOf(response: Response): AsyncGenerator<FeedEvent> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    text += part.value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const event = field('event');
      if (event) yield { event, data: JSON.parse(field('data') ?? 'null') };
    }
  }
}

async function take(feed: AsyncGenerator<FeedEvent>, count: number): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let index = 0; index < count; index += 1) {
    const { value, done } = await feed.next();
    if (!done) events.push(value);
  }
  return events;
}

it('demo feed tells first what is known, then what happens, with no secret in it', async () => {
  await demo.signIn();
  const token = await demo.token();
  const feed = feedOf(await demo.fetch('/demo/requests'));
  const known = await take(feed, 2);
  expect(known.map(({ event }) => event)).toEqual(['settings', 'requests']);
  expect(known[0]?.data).toMatchObject({ fault: 'none', ttlSeconds: 60 });
  expect(known[1]?.data).toMatchObject([{ path: '/sign-in' }, { path: '/tokens', status: 200 }]);

  await demo.post('/demo/faults', { fault: 'unavailable' });
  await demo.mint({ cause: 'retry', attempt: 2, expired_token: token });
  const happened = await take(feed, 4);
  expect(happened[0]).toMatchObject({ event: 'settings', data: { fault: 'unavailable' } });
  expect(happened[1]).toMatchObject({ event: 'request', data: { path: '/tokens', outcome: 'pending' } });
  expect(happened.at(-1)).toMatchObject({ data: { cause: 'retry', attempt: 2, presentedExpired: true } });
  expect(JSON.stringify([known, happened])).not.toContain(token.split('.')[1]);
});

it('demo feed ends when the server closes', async () => {
  const feed = feedOf(await demo.fetch('/demo/requests'));
  await take(feed, 2);
  await demo.server.close();
  const rest = await feed.next().catch((error: Error) => error.name);
  expect(rest === 'TypeError' || (typeof rest === 'object' && rest.done)).toBe(true);
});

it('demo log keeps the last 200 requests', async () => {
  for (let index = 0; index < 205; index += 1) await demo.fetch('/.well-known/jwks.json');
  const entries = demo.server.log.entries();
  expect(entries).toHaveLength(200);
  expect(entries[0]?.id).toBe(6);
});
