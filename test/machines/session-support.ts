/** The session machine alone, with the machines of its tokens: what is read and asked is answered by hand. */
import { createActor, type SnapshotFrom } from 'xstate';
import type { Confirmation, Restored, Seen, Session, SessionEmitted, SessionEvent } from '../../machines/events';
import type { TokenFacts } from '../../machines/held-token';
import { keyId } from '../../machines/key';
import { validatePolicy } from '../../machines/policy';
import type { TokenKey } from '../../machines/ports';
import type { SessionInput } from '../../machines/session/context';
import { sessionMachine } from '../../machines/session/machine';
import { tokenMachine } from '../../machines/token/machine';
import { byHand, restful, startMs } from './support';

type Given = Partial<Omit<SessionInput, 'policy' | 'seen'>> & {
  readonly policy?: Parameters<typeof validatePolicy>[0];
  readonly seen?: Partial<Seen>;
};

type Timer = { readonly atMs: number; readonly fire: () => void };

/** @param given what differs from: focused page, online, jitter off, nothing known of a session */
export function createSession({ policy, seen: change, ...given }: Given = {}) {
  let seen: Seen = {
    now: { wallMs: startMs, monotonicMs: 0 },
    online: true,
    presence: 'focused',
    hiddenSince: null,
    roll: 0,
    woke: false,
    ...change,
  };
  const emitted: SessionEmitted[] = [];
  const restores: { readonly session: Session | null }[] = [];
  const checks: { readonly sessionId: string }[] = [];
  const restore = byHand<Restored, { readonly session: Session | null }>((input) => restores.push(input));
  const check = byHand<Confirmation, { readonly sessionId: string }>((input) => checks.push(input));
  const timers = new Map<number, Timer>();
  let passedMs = 0;
  let timerIds = 0;
  const actor = createActor(
    restful(
      sessionMachine.provide({
        actors: { restore: restore.logic, checkSession: check.logic, token: restful(tokenMachine.provide({})) },
      }),
    ),
    {
      clock: {
        setTimeout: (fire: () => void, ms: number) => {
          timerIds += 1;
          timers.set(timerIds, { atMs: passedMs + ms, fire });
          return timerIds;
        },
        clearTimeout: (id: number) => timers.delete(id),
      },
      input: { ...given, seen, policy: validatePolicy({ jitter: 0, ...policy }) },
    },
  );
  actor.on('*', (event) => emitted.push(event));
  actor.start();
  const send = (event: SessionEvent): void => actor.send(event);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const tick = (ms = 0, more: Partial<Seen> = {}): void => {
    const { wallMs, monotonicMs } = seen.now;
    passedMs += ms;
    seen = { ...seen, woke: false, now: { wallMs: wallMs + ms, monotonicMs: monotonicMs + ms }, ...more };
    send({ type: 'clock.tick', seen });
  };
  /** Time passes, and timers fire in it, each after a look at the clock. */
  const passes = (ms: number): void => {
    const endMs = passedMs + ms;
    for (let fired = 0; ; fired += 1) {
      if (fired > 200) throw new Error('Timers fire for ever.');
      const due = [...timers].filter(([, { atMs }]) => atMs <= endMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
      if (!due) break;
      const [id, { atMs, fire }] = due;
      tick(atMs - passedMs);
      if (timers.delete(id)) fire();
    }
    tick(endMs - passedMs);
  };
  const tokenOf = (key: TokenKey): SnapshotFrom<typeof tokenMachine> | undefined => {
    const child = actor.getSnapshot().children[keyId(key)];
    return child?.getSnapshot() as SnapshotFrom<typeof tokenMachine> | undefined;
  };
  return {
    actor,
    emitted,
    restores,
    checks,
    send,
    tick,
    passes,
    /** The snapshot of a key's machine; `undefined` where there is none. */
    tokenOf,
    /** Ids of the keys that have a machine, as the machine remembers them. */
    get keys() {
      return Object.keys(actor.getSnapshot().context.keys).sort();
    },
    get state() {
      const { value } = actor.getSnapshot();
      return typeof value === 'string'
        ? value
        : Object.entries(value).map(([name, inner]) => (typeof inner === 'string' ? `${name}.${inner}` : name))[0];
    },
    get context() {
      return actor.getSnapshot().context;
    },
    restored: async (more: Partial<Restored> = {}) => {
      restore.answer({ session: null, token: null, complete: true, remembered: null, ...more });
      await settle();
    },
    restoreBreaks: async () => {
      restore.fail(new Error('broken'));
      await settle();
    },
    checked: async (verdict: Confirmation) => {
      check.answer(verdict);
      await settle();
    },
    checkBreaks: async () => {
      check.fail(new Error('broken'));
      await settle();
    },
    said: <Type extends SessionEmitted['type']>(type: Type) =>
      emitted.filter((event): event is Extract<SessionEmitted, { type: Type }> => event.type === type),
  };
}

/** Signed in as `sess_1` with a fresh token, from the start. */
export function signedIn(token: TokenFacts, more: Given = {}) {
  const machine = createSession({ session: { id: 'sess_1' }, token, ...more });
  machine.tick();
  return machine;
}
