/** The server without a wire: what happens to a request, told apart from what the client hears of it. */
import type { Answer, Deed } from './answer';
import { createAnswers, type Means } from './answer';
import type { Behave, ServerBehaviour } from './behaviour';
import { type Call, operationAt, pathOf, paths, type RecordedRequest, readAsked } from './request';

/** What became of one request. */
export type Reception = {
  /** `null` for what no client of tokens asks: keys, a wrong path. */
  readonly request: RecordedRequest | null;
  /** The behaviour, by name: `mint`, `late`, `drop`, … */
  readonly by: ServerBehaviour['do'] | 'other';
  /** What the server did; `null` where it did nothing. */
  readonly did: Answer | null;
  /** How it ends for the client: with the answer, after `afterMs`; by a broken connection; never. */
  readonly ends: 'answer' | 'break' | 'never';
  readonly afterMs: number;
};

type Waits = (ms: number) => Promise<void>;

export type Receiver = {
  receive(call: Call): Promise<Reception>;
  respondWith(behave: Behave): void;
  script(behaviours: readonly ServerBehaviour[]): void;
  readonly requests: readonly RecordedRequest[];
  /** The behaviour that holds, unless it depends on the request. */
  readonly standing: ServerBehaviour | null;
};

/** @param elapsed true ms since the server was made */
export function createReceiver(means: Means, wait: Waits, elapsed: () => number): Receiver {
  const answers = createAnswers(means);
  const requests: RecordedRequest[] = [];
  let behave: Behave = { do: 'mint' };
  let script: ServerBehaviour[] = [];

  function choose(request: RecordedRequest): ServerBehaviour {
    const scripted = request.op === 'mint' ? script.shift() : undefined;
    return scripted ?? (typeof behave === 'function' ? behave(request) : behave);
  }

  async function other(call: Call): Promise<Reception> {
    const isKeys = call.method === 'GET' && pathOf(call.url).endsWith(paths.keys);
    const did = isKeys ? await answers.keys() : answers.refuse(404, 'not_found');
    return { request: null, by: 'other', did, ends: 'answer', afterMs: 0 };
  }

  async function receive(call: Call): Promise<Reception> {
    const op = operationAt(pathOf(call.url));
    if (!op || call.method !== 'POST') return other(call);
    const asked = readAsked(op, call, elapsed());
    const behaviour = choose(asked.recorded);
    const by = behaviour.do;
    if (by === 'unreachable') return { request: asked.recorded, by, did: null, ends: 'break', afterMs: 0 };
    requests.push(asked.recorded);

    let afterMs = 0;
    let ends: Reception['ends'] = 'answer';
    let next: ServerBehaviour = behaviour;
    for (;;) {
      switch (next.do) {
        case 'hang':
          return { request: asked.recorded, by, did: null, ends: 'never', afterMs };
        case 'unreachable':
          return { request: asked.recorded, by, did: null, ends: 'break', afterMs };
        case 'delay':
          await wait(next.ms);
          break;
        case 'late':
          afterMs += next.ms;
          break;
        case 'drop':
          ends = 'break';
          break;
        default: {
          const deed: Deed = next;
          return { request: asked.recorded, by, did: await answers.give(asked, deed), ends, afterMs };
        }
      }
      next = next.answer ?? { do: 'mint' };
    }
  }

  return {
    receive,
    requests,
    get standing() {
      return typeof behave === 'function' ? null : behave;
    },
    respondWith: (next) => {
      behave = next;
    },
    script: (next) => {
      script = [...next];
    },
  };
}
