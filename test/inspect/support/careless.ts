/** Machines of somebody who puts secrets everywhere: each place has secrets of its own, so that a leak has a name. */
import { assign, createActor, fromPromise, type InspectionEvent, setup } from 'xstate';
import { jwt } from '../../support/jwt';

/** Forms that a secret has: a JWT, an opaque one, hex, a UUID, a readable single-use credential. */
export function createSecrets() {
  const byPlace = new Map<string, readonly string[]>();
  let serial = 0;
  const random = (alphabet: string, length: number): string =>
    Array.from({ length }, (_, at) => alphabet[(at * 7 + serial * 13 + at * at * serial) % alphabet.length]).join('');
  const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const hex = '0123456789abcdef';
  return {
    byPlace,
    /** @param more secrets of a world that go there too */
    at: (place: string, more: readonly string[] = []): readonly string[] => {
      serial += 1;
      const uuid = [8, 4, 4, 4, 12].map((length) => random(hex, length)).join('-');
      const made = [
        jwt({ iat: serial, exp: serial + 60, claims: { place, nonce: random(base64, 22) } }),
        random(base64, 43),
        random(hex, 64),
        uuid,
        `credential-${serial}-of-${place}-session`,
      ];
      byPlace.set(place, [...made, ...more]);
      return [...made, ...more];
    },
  };
}
export type Secrets = ReturnType<typeof createSecrets>;

class Wallet {
  constructor(readonly held: readonly string[]) {}
  toJSON() {
    return this.held;
  }
}

/** Runs a machine with secrets in every place that an inspector is shown. */
export async function runCareless(
  secrets: Secrets,
  inspect: (event: InspectionEvent) => void,
  more: readonly string[] = [],
): Promise<void> {
  const at = (place: string) => secrets.at(place, more);
  const text = (place: string) => at(place).join(' ');
  const cyclic: Record<string, unknown> = { held: at('cycle') };
  cyclic.self = cyclic;
  const refused = new Error(`401 for ${text('error message')}`, { cause: { hint: at('error cause') } });
  refused.stack = text('error stack');

  const machine = setup({
    types: { input: {} as { readonly handed: readonly string[] }, context: {} as Record<string, unknown> },
    actions: { use: (_, _params: { readonly now: readonly string[] }) => {} },
    actors: {
      exchange: fromPromise<unknown, { readonly handed: readonly string[] }>(async () => ({ got: at('output') })),
      refuse: fromPromise<unknown, { readonly handed: readonly string[] }>(async () => {
        throw refused;
      }),
    },
  }).createMachine({
    id: `app ${text('machine id')}`,
    description: `Talks to ${text('description')}.`,
    meta: { set: at('meta') },
    context: ({ input }) => ({
      ...input,
      plain: at('context'),
      deep: { a: [{ b: { c: at('deep context') } }] },
      byKey: Object.fromEntries(at('field name').map((name) => [name, true])),
      list: new Set(at('set')),
      table: new Map(at('map').map((secret) => [secret, { secret }])),
      wallet: new Wallet(at('class instance')),
      jar: `theme=dark; __session=${at('cookie header').join('; other=')}`,
      url: `https://api.example.com/?t=${at('url').join('&u=')}`,
      cyclic,
    }),
    initial: 'working',
    states: {
      working: {
        entry: { type: 'use', params: { now: at('action params') } },
        invoke: [
          { src: 'exchange', id: `exchange ${text('child id')}`, input: { handed: at('child input') } },
          {
            src: 'refuse',
            input: { handed: at('other child input') },
            onDone: 'working',
            onError: { actions: assign({ last: ({ event }) => event.error }) },
          },
        ],
        on: { [at('event type')[0] ?? '']: {}, '*': { actions: assign({ heard: ({ event }) => event }) } },
      },
    },
  });
  const actor = createActor(machine, {
    id: `root ${text('actor id')}`,
    input: { handed: at('input') },
    inspect,
  });
  actor.start();
  actor.send({ type: 'heard', payload: at('event'), authorization: text('event header') });
  actor.send({ type: (secrets.byPlace.get('event type') ?? [])[0] ?? '' });
  actor.send({ type: `said ${text('unknown event type')}` });
  await new Promise((resolve) => setTimeout(resolve, 1));
  actor.stop();

  const done = setup({}).createMachine({
    initial: 'done',
    states: { done: { type: 'final' } },
    output: () => ({ all: at('machine output') }),
  });
  createActor(done, { inspect }).start();
}
