import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import { createTokenLifecycle } from '../../adapters/host/create';
import { asTest, type Copied } from '../../docs/viewer/trace/as-test';
import { traceFromFile, traceToFile } from '../../docs/viewer/trace/file';
import { record } from '../../docs/viewer/trace/record';
import { emptyTrace, type Trace } from '../../docs/viewer/trace/types';
import { root } from '../house/support/sources';
import { jwt } from '../support/jwt';
import { door } from './door';
import { createRecording, settled } from './recording';
import { runTest, typeFaults } from './run-test';

const ttlMs = 60_000;

/** A minute and a half of a real lifecycle: a mint, a refresh that fails once, and a sign-out. */
async function record90Seconds(): Promise<Trace> {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const recording = createRecording('tab');
  let mints = 0;
  const tokens = createTokenLifecycle({
    session: { id: "sess 'one'" },
    namespace: 'viewer',
    random: () => 0.5,
    source: {
      mint: async () => {
        mints += 1;
        if (mints === 2) throw new TypeError('fetch failed');
        const iat = Date.now() / 1_000;
        return { token: jwt({ sid: "sess 'one'", iat, exp: iat + ttlMs / 1_000 }) };
      },
    },
    inspect: recording.inspect,
  });
  tokens.start();
  await vi.advanceTimersByTimeAsync(90_000);
  tokens.signOut();
  await vi.advanceTimersByTimeAsync(1_000);
  tokens.stop();
  return recording.received.reduce(record, emptyTrace);
}

const actorOf = (trace: Trace, id: string) =>
  Object.values(trace.actors).find(({ definition }) => trace.models[definition ?? '']?.id === id)?.key ?? '';
const textOf = (copied: Copied): string => (copied.is === 'text' ? copied.text : `impossible: ${copied.reason}`);

describe('issue 5 viewer: a trace copied as a test', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('issue 5 runs, and goes through the states that were recorded', async () => {
    const trace = await record90Seconds();
    vi.useRealTimers();
    for (const machine of ['token', 'session']) {
      const text = textOf(asTest(trace, actorOf(trace, machine), null));
      expect(text).toContain(`import { ${machine}Machine } from 'token-lifecycle';`);
      expect(await runTest(text)).toEqual([
        expect.stringMatching(new RegExp(`^${machine}.* goes as recorded: .* → signed-out$`)),
      ]);
    }
    const text = textOf(asTest(trace, actorOf(trace, 'token'), null));
    expect(text).toMatch(/leadsTo: 'fresh'/);
    expect(text).toMatch(/leadsTo: \{ 'offline-retrying'|leadsTo: \{ 'outage-fallback'/);
  }, 60_000);

  // The compiler takes its time on a busy machine.
  it('issue 5 compiles under strict rules', async () => {
    const trace = await record90Seconds();
    vi.useRealTimers();
    const text = textOf(asTest(trace, actorOf(trace, 'token'), null));
    // One fault of ours at the end: a compiler that sees nothing would pass everything.
    const faults = typeFaults(`${text}\nexpect.unheard;\n`);
    expect(faults).toEqual([expect.stringContaining("'unheard' does not exist")]);
  }, 240_000);

  it('issue 5 fails, and says where, once the machine goes another way', async () => {
    const trace = await record90Seconds();
    vi.useRealTimers();
    const text = textOf(asTest(trace, actorOf(trace, 'token'), null));
    const wrong = text.replace("leadsTo: 'fresh'", "leadsTo: 'stale'");
    expect(wrong).not.toBe(text);
    await expect(runTest(wrong)).rejects.toMatchObject({
      actual: expect.stringContaining('It is in "fresh", not in "stale".'),
    });
  }, 60_000);

  it('issue 5 gives the same text after export and load', async () => {
    const trace = await record90Seconds();
    const loaded = traceFromFile(JSON.stringify(traceToFile(trace, 0)));
    expect(loaded.entries).toEqual(trace.entries);
    expect(asTest(loaded, actorOf(loaded, 'token'), null)).toEqual(asTest(trace, actorOf(trace, 'token'), null));
  }, 60_000);

  it('issue 5 works for any machine, up to the step that is looked at', async () => {
    const recording = createRecording('a');
    const actor = createActor(door, { inspect: recording.inspect });
    actor.start();
    for (const type of ['push', 'push', 'knock'] as const) actor.send({ type });
    await settled();
    const trace = recording.received.reduce(record, emptyTrace);
    const until = trace.entries.filter((entry) => entry.is === 'step')[2]?.seq ?? 0;
    const key = actorOf(trace, 'door');
    const copied = asTest(trace, key, until, { machine: join(root, 'test/viewer/door') });
    const text = textOf(copied).replace('{ machine }', '{ door as machine }');
    expect(text).not.toContain('knock');
    expect(textOf(asTest(trace, key, until))).toContain("from './machine';");
    expect(await runTest(text)).toEqual(['door goes as recorded: shut → open → shut']);
  }, 60_000);

  it('issue 5 says why there is nothing to copy', async () => {
    const recording = createRecording('a');
    const actor = createActor(door, { inspect: recording.inspect });
    actor.start();
    await settled();
    const trace = recording.received.reduce(record, emptyTrace);
    const late = recording.received
      .filter(({ data }) => (data as { type: string }).type !== '@xstate.snapshot')
      .reduce(record, emptyTrace);
    expect(textOf(asTest(trace, actorOf(trace, 'door'), null))).toMatch(/Nothing has happened/);
    expect(textOf(asTest(late, actorOf(late, 'door'), null))).toMatch(/beginning of this actor was not recorded/);
    expect(textOf(asTest(trace, 'nobody', null))).toMatch(/Only a state machine/);
  });
});

describe('issue 5 viewer: trace files', () => {
  it.each([
    ['no JSON', '{', /no JSON/],
    ['another file', '{"events":[]}', /no trace/],
    ['a later version', '{"format":"token-lifecycle/trace","v":2,"events":[]}', /version 2/],
    ['broken events', '{"format":"token-lifecycle/trace","v":1,"events":[1]}', /cannot be read/],
  ])('issue 5 refuses %s in words', (_, text, reason) => {
    expect(() => traceFromFile(text)).toThrow(reason);
  });
});
