/** `getToken` and `peek`: from a question to a key's slot, by the shortest way that is right (lifecycle.md §4). */
import { StoppedError, TokenRequestError } from '../../machines/errors';
import { type KeyOptions, keyId, keyOf } from '../../machines/key';
import type { Clock } from '../../machines/ports';
import type { Slot } from './keys';
import { checkReadOptions } from './options';
import { withPatience } from './patience';
import type { Run } from './run';
import type { GetTokenOptions } from './types';

type Parked = {
  readonly options: GetTokenOptions;
  readonly resolve: (token: Promise<string | null>) => void;
  readonly reject: (error: Error) => void;
};

export type Phase = 'idle' | 'running' | 'stopped';

type Deps = { readonly clock: Clock; phase(): Phase; run(): Run };

export type Reads = {
  getToken(options?: GetTokenOptions): Promise<string | null>;
  refresh(options?: GetTokenOptions): Promise<string | null>;
  /** The slot of a key that was read before. */
  find(options: KeyOptions): Slot | undefined;
  /** It is known who is signed in: those who waited for that go on. */
  flush(): void;
  rejectParked(error: Error): void;
};

/** So short ago that the clock need not be looked at for one more waiting reader. */
const recentlyMs = 250;

/** No more than the session's own token is meant. */
export const isPlain = ({ template, organizationId, params }: KeyOptions): boolean =>
  template === undefined && organizationId === undefined && params === undefined;

/** Nobody knows whether somebody is signed in, since no store can be read (T4). */
export const unreadable = (): TokenRequestError =>
  new TokenRequestError('What is stored cannot be read, so nobody knows whether somebody is signed in.', {
    failure: 'transient',
  });

export function createReads({ clock, phase, run }: Deps): Reads {
  const parked: Parked[] = [];

  /** The slot of a key; its machine is started where there is none yet. */
  function open(asked: KeyOptions): Slot | undefined {
    const { session } = run().snapshot().context;
    if (!session) return undefined;
    const key = keyOf(session, asked);
    const id = keyId(key);
    if (!run().slots.has(id)) run().actor.send({ type: 'key.opened', key });
    return run().slots.get(id);
  }

  const find = (asked: KeyOptions): Slot | undefined => {
    if (phase() !== 'running') return undefined;
    if (isPlain(asked)) return run().active;
    const { session } = run().snapshot().context;
    return session ? run().slots.get(keyId(keyOf(session, asked))) : undefined;
  };

  /** Already checked, and not served by the fast path. */
  function read(asked: GetTokenOptions, wasParked = false): Promise<string | null> {
    if (phase() === 'stopped') return Promise.reject(new StoppedError());
    if (phase() === 'running' && run().snapshot().hasTag('failing')) return Promise.reject(unreadable());
    if (phase() === 'idle' || run().snapshot().hasTag('unknown')) {
      return new Promise((resolve, reject) => parked.push({ options: asked, resolve, reject }));
    }
    const known = find(asked);
    if (known && !asked.skipCache && wasJustLookedAt(known)) {
      const now = known.actor.getSnapshot();
      if (now.hasTag('waiting') && now.context.wanted) return known.readers.join();
      if (now.hasTag('waiting') && now.hasTag('failing') && known.refusal) return Promise.reject(known.refusal);
    }
    run().tick();
    if (run().snapshot().hasTag('signed-out')) return Promise.resolve(null);
    const slot = open(asked);
    // Asked from inside a listener: the machine is busy, and opens the key when it is done.
    if (!slot) return Promise.resolve().then(() => read(asked));
    const { actor, readers } = slot;
    if (asked.skipCache) {
      const { context } = actor.getSnapshot();
      // Asked before the start: a mint that this start has begun came after it (T25).
      const isUnderWay = wasParked && context.mints > 0 && actor.getSnapshot().matches('refreshing');
      const reading = readers.joinForced(isUnderWay ? context.mints - 1 : context.mints);
      if (isUnderWay) return reading;
      actor.send({ type: 'token.read', forced: true, waiting: true });
      return reading;
    }
    const now = actor.getSnapshot();
    if (now.hasTag('serving') && slot.served) {
      if (now.matches('stale')) actor.send({ type: 'token.read', forced: false, waiting: false });
      else slot.used = true;
      return slot.served;
    }
    const reading = readers.join();
    actor.send({ type: 'token.read', forced: false, waiting: true });
    return reading;
  }

  /** What the machine said a moment ago still holds: one more reader changes nothing, whether it waits or is refused. */
  function wasJustLookedAt({ actor }: Slot): boolean {
    const sinceMs = clock.now() - actor.getSnapshot().context.seen.now.wallMs;
    return sinceMs >= 0 && sinceMs < recentlyMs;
  }

  function ask(option: string, asked: GetTokenOptions, forced: boolean): Promise<string | null> {
    try {
      checkReadOptions(option, asked);
    } catch (error) {
      return Promise.reject(error);
    }
    return withPatience(clock, read(forced ? { ...asked, skipCache: true } : asked), asked);
  }

  function getToken(asked?: GetTokenOptions): Promise<string | null> {
    if (asked === undefined && phase() === 'running') {
      const slot = run().active;
      if (slot?.served && clock.now() < slot.servedUntil) return slot.served;
    }
    return ask('getToken', asked === undefined ? {} : asked, false);
  }

  const refresh = (asked: GetTokenOptions = {}): Promise<string | null> => ask('refresh', asked, true);

  return {
    getToken,
    refresh,
    find,
    flush: () => {
      for (const { options, resolve } of parked.splice(0)) resolve(read(options, true));
    },
    rejectParked: (error) => {
      for (const { reject } of parked.splice(0)) reject(error);
    },
  };
}
