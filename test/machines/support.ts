/** The token machine alone, without a host: facts go in as events, requests are answered by hand. */
import { createActor, fromPromise } from 'xstate';
import type {
  Confirmation,
  MintInput,
  MintOutcome,
  Seen,
  TokenEmitted,
  TurnInput,
  TurnOutcome,
} from '../../machines/events';
import type { Failure } from '../../machines/failure';
import type { TokenFacts } from '../../machines/held-token';
import { type RefreshPolicy, validatePolicy } from '../../machines/policy';
import type { TokenKey } from '../../machines/ports';
import type { Instant } from '../../machines/time';
import { initialContext, type TokenContext, type TokenInput } from '../../machines/token/context';
import { tokenMachine } from '../../machines/token/machine';

/** A whole second, as `iat` has it. */
export const startMs = 1_767_225_600_000;

let serial = 0;

/** Facts of a token that was issued `ageMs` ago, at the start. */
export function facts(ageMs = 0, lifetimeMs = 60_000, more: Partial<TokenFacts> = {}): TokenFacts {
  serial += 1;
  const issuedAt = startMs - ageMs;
  return {
    generation: serial,
    fingerprint: `f${serial}`,
    issuedAt,
    expiresAt: issuedAt + lifetimeMs,
    originIssuedAt: null,
    from: 'mint',
    ...more,
  };
}

/** A machine that runs in circles is an error here, and not a test that never ends. */
export function restful<Machine extends { readonly options: object }>(machine: Machine): Machine {
  Object.assign(machine.options, { maxIterations: 100 });
  return machine;
}

/** An actor that is answered by hand, the last one that was asked. */
export function byHand<Answer, Input>(heard: (input: Input) => void = () => {}) {
  let answer = (_: Answer): void => {};
  let fail = (_: Error): void => {};
  const logic = fromPromise<Answer, Input>(({ input }) => {
    heard(input);
    return new Promise((resolve, reject) => {
      [answer, fail] = [resolve, reject];
    });
  });
  return { logic, answer: (value: Answer) => answer(value), fail: (error: Error) => fail(error) };
}

type Given = Partial<Omit<TokenInput, 'policy'>> & {
  readonly policy?: Parameters<typeof validatePolicy>[0];
  readonly seen?: Seen;
  readonly online?: boolean;
  readonly presence?: Seen['presence'];
};

/** @param given what differs from: active key, focused page, online, jitter off, no token */
export function createMachine({ policy, online = true, presence = 'focused', ...given }: Given = {}) {
  let seen: Seen = {
    now: { wallMs: startMs, monotonicMs: 0 },
    online,
    presence,
    hiddenSince: null,
    roll: 0,
    woke: false,
  };
  const asked: MintInput[] = [];
  const turns: TurnInput[] = [];
  const emitted: TokenEmitted[] = [];
  const mint = byHand<MintOutcome, MintInput>((input) => asked.push(input));
  const turn = byHand<TurnOutcome, TurnInput>((input) => turns.push(input));
  const doubted: { readonly sessionId: string }[] = [];
  const recalled: { readonly key: TokenKey }[] = [];
  const doubt = byHand<Confirmation, { readonly sessionId: string }>((input) => doubted.push(input));
  const recall = byHand<TokenFacts | null, { readonly key: TokenKey }>((input) => recalled.push(input));
  /** `tick` says what time it is and fires nothing: guards decide. `passes` lets timers fire as well. */
  const timers = new Map<number, { readonly atMs: number; readonly fire: () => void }>();
  let passedMs = 0;
  let timerIds = 0;
  const clock = {
    setTimeout: (fire: () => void, ms: number) => {
      timerIds += 1;
      timers.set(timerIds, { atMs: passedMs + ms, fire });
      return timerIds;
    },
    clearTimeout: (id: number) => timers.delete(id),
  };
  const actor = createActor(
    restful(
      tokenMachine.provide({
        actors: { mint: mint.logic, turn: turn.logic, confirmSession: doubt.logic, recall: recall.logic },
      }),
    ),
    {
      clock,
      input: {
        key: { sessionId: 'sess_1' },
        active: true,
        token: null,
        ...given,
        seen,
        policy: validatePolicy({ jitter: 0, ...policy }),
      },
    },
  );
  actor.on('*', (event) => emitted.push(event));
  actor.start();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** Time passes, and whatever else is said of the world changes. */
  const tick = (ms = 0, change: Partial<Seen> = {}): void => {
    const { wallMs, monotonicMs } = seen.now;
    passedMs += ms;
    seen = { ...seen, woke: false, ...change, now: { wallMs: wallMs + ms, monotonicMs: monotonicMs + ms } };
    actor.send({ type: 'clock.tick', seen });
  };
  /** Time passes, and timers fire in it, each after a look at the clock, as the host does it. */
  const passes = (ms: number): void => {
    const endMs = passedMs + ms;
    for (let fired = 0; ; fired += 1) {
      if (fired > 200) throw new Error('Timers fire for ever.');
      const due = [...timers].filter(([, { atMs }]) => atMs <= endMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
      if (!due) break;
      const [id, { atMs, fire }] = due;
      tick(Math.max(0, atMs - passedMs));
      // What was armed before this look may be gone by it.
      if (timers.delete(id)) fire();
    }
    tick(endMs - passedMs);
  };
  const answer = async (outcome: MintOutcome): Promise<void> => {
    mint.answer(outcome);
    await settle();
  };
  return {
    actor,
    asked,
    /** What was asked of the `turn` actor. */
    turns,
    /** What was asked of the `confirmSession` actor. */
    doubted,
    /** What was asked of the `recall` actor. */
    recalled,
    emitted,
    tick,
    passes,
    settle,
    /** `refreshing.minting`, say: the state without the parts that only say whether readers are served. */
    get state() {
      const { value } = actor.getSnapshot();
      const path = (part: unknown): string[] =>
        typeof part === 'string'
          ? [part]
          : Object.entries(part as Record<string, unknown>).flatMap(([name, inner]) => [name, ...path(inner)]);
      const names = path(value);
      return names.slice(0, ['serving', 'waiting'].includes(names.at(-1) ?? '') ? -1 : undefined).join('.');
    },
    /** When timers fire, in ms from now. */
    get armed() {
      return [...timers.values()].map(({ atMs }) => atMs - passedMs).sort((a, b) => a - b);
    },
    get serving() {
      return actor.getSnapshot().hasTag('serving');
    },
    get context() {
      return actor.getSnapshot().context;
    },
    read: (waiting = false) => actor.send({ type: 'token.read', forced: false, waiting }),
    force: () => actor.send({ type: 'token.read', forced: true, waiting: true }),
    /** The running mint brings a token issued now. */
    mints: (more: Partial<TokenFacts> = {}, lifetimeMs = 60_000) => {
      const { now } = seen;
      const { from: _, ...token } = facts(startMs - now.wallMs, lifetimeMs, more);
      const last = asked.at(-1);
      return answer({
        is: 'minted',
        token: { ...token, expiresInMs: null, serverDate: null, sentAt: last?.startedAt ?? now, receivedAt: now },
      });
    },
    fails: (failure: Failure) => answer({ is: 'failed', failure }),
    confirms: async (verdict: Confirmation) => {
      doubt.answer(verdict);
      await settle();
    },
    recalls: async (token: TokenFacts | null) => {
      recall.answer(token);
      await settle();
    },
    takesTurn: async (outcome: TurnOutcome) => {
      turn.answer(outcome);
      await settle();
    },
    /** The actor throws, which it is written not to. */
    breaks: async (which: 'mint' | 'turn' | 'doubt' | 'recall') => {
      ({ mint, turn, doubt, recall })[which].fail(new Error('broken'));
      await settle();
    },
    /** What was said, by type. */
    said: <Type extends TokenEmitted['type']>(type: Type) =>
      emitted.filter((event): event is Extract<TokenEmitted, { type: Type }> => event.type === type),
  };
}

type ContextChange = Partial<Omit<TokenContext, 'policy' | 'seen'>> & {
  readonly policy?: Partial<RefreshPolicy>;
  readonly seen?: Partial<Seen>;
};

/** An instant so long after the start. */
export const sinceStart = (ms: number): Instant => ({ wallMs: startMs + ms, monotonicMs: ms });

/** What a token machine remembers, with the changes given: for the laws alone. Active, focused, online, jitter off. */
export function contextOf({ policy, seen, ...change }: ContextChange = {}): TokenContext {
  const first: Seen = {
    now: sinceStart(0),
    online: true,
    presence: 'focused',
    hiddenSince: null,
    roll: 0,
    woke: false,
  };
  const context = initialContext({
    key: { sessionId: 'sess_1' },
    seen: { ...first, ...seen },
    policy: validatePolicy({ jitter: 0, ...policy }),
    token: null,
    active: true,
  });
  return { ...context, ...change };
}
