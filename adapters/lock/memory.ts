import { checkKnown, checkMethods, checkObject } from '../../machines/check';
import type { RefreshLock } from '../../machines/ports';
import { lockOver, type Member } from './queue';
import { platformTimers, type Timers } from './timers';

export type MemoryLockOptions = {
  /** Times the wait and the lease. Default: the platform's timers. */
  readonly clock?: Timers;
};

export type MemoryLock = RefreshLock & {
  /** Takes the lock from whoever holds it, as another tab can do with a Web Lock. The next in line gets it. */
  steal(name: string): void;
  /** Everybody leaves: who waits with `timeout`, who holds with `lost`. The lock can be used again. */
  dispose(): void;
};

/**
 * A lock for lifecycles of one process: share the instance between them, and they are tabs of one browser. First come,
 * first served, under each name. `lease.fence` grows with each grant.
 *
 * @throws {ConfigurationError} for an unknown option or a clock without timers; `run()` rejects with one for a bad name, `waitMs` or
 * `leaseMs`
 * @example
 * const lock = memoryLock();
 * const tabs = [1, 2].map(() => createTokenLifecycle({ source, lock }));
 */
export function memoryLock(options: MemoryLockOptions = {}): MemoryLock {
  checkObject('memoryLock', options);
  checkKnown('memoryLock', options, ['clock']);
  const { clock = platformTimers } = options;
  checkMethods('memoryLock.clock', clock, ['setTimeout', 'clearTimeout']);
  /** The first one of each line holds the lock. A line without anybody is not kept. */
  const lines = new Map<string, Member[]>();
  let fence = 0;

  const soon = (run: () => void): void => {
    void Promise.resolve().then(run);
  };

  function grant(member: Member, contended: boolean): void {
    soon(() => {
      fence += 1;
      member.granted({ fence, contended });
    });
  }

  function leave(name: string, line: Member[], member: Member): void {
    const at = line.indexOf(member);
    line.splice(at, 1);
    const [next] = line;
    if (!next) lines.delete(name);
    else if (at === 0) grant(next, true);
  }

  const lock = lockOver(
    {
      join: (name, patient, member) => {
        const line = lines.get(name) ?? [];
        if (line.length > 0 && !patient) {
          soon(() => member.evicted('taken'));
          return { leave: () => {} };
        }
        lines.set(name, line);
        line.push(member);
        if (line.length === 1) grant(member, false);
        return { leave: () => leave(name, line, member) };
      },
    },
    clock,
  );
  return { ...lock, steal: (name) => lines.get(name)?.[0]?.evicted('stolen') };
}
