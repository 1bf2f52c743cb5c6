/** The seam to Redis: one method of the client, and no command that hangs. */
import { checkKnown, checkMethods, checkNumber, checkObject, checkText } from '../../machines/check';
import { platformTimers, type Timers } from '../lock/timers';

/**
 * What is used of a client: an ioredis `Redis` or `Cluster` has it. It stays the caller's to configure, to watch for `error`
 * events and to end. Reads have to go to the primary: from a replica the store would not be ordered.
 */
export type RedisClient = {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
};

/** What the three adapters have in common. */
export type RedisOptions = {
  readonly client: RedisClient;
  /** What every key in Redis begins with. Default `token-lifecycle`. */
  readonly prefix?: string;
  /** A command that has not answered by then has failed, in ms. Default 500. */
  readonly commandTimeoutMs?: number;
  /** Times commands, waits and leases. Default: the platform's timers. */
  readonly clock?: Timers;
};

/** No answer from Redis in time. Whether the command took effect is not known. */
export class RedisTimeout extends Error {
  override readonly name = 'RedisTimeout';
  readonly code = 'redis_timeout';
}

export type Commands = {
  readonly prefix: string;
  readonly timers: Timers;
  /** @throws what the client throws, or RedisTimeout; `late` is told of an answer that came after that */
  run(args: readonly (string | number)[], late?: (answer: unknown) => void): Promise<unknown>;
  /** A script over keys that live in one slot. */
  script(
    text: string,
    keys: readonly string[],
    args: readonly (string | number)[],
    late?: (answer: unknown) => void,
  ): Promise<unknown>;
};

/**
 * The time is waited in so many steps: a process that was busy for longer than that finds its timers due before it has looked at
 * the answers that are there.
 */
const steps = 4;

const known = ['client', 'prefix', 'commandTimeoutMs', 'clock'];

/** @throws ConfigurationError */
export function createCommands(name: string, options: RedisOptions, alsoKnown: readonly string[] = []): Commands {
  checkObject(name, options);
  checkKnown(name, options, [...known, ...alsoKnown]);
  const { client, prefix = 'token-lifecycle', commandTimeoutMs = 500, clock = platformTimers } = options;
  checkMethods(`${name}.client`, client, ['call']);
  checkText(`${name}.prefix`, prefix);
  checkNumber(`${name}.commandTimeoutMs`, commandTimeoutMs, { min: 1 });
  checkMethods(`${name}.clock`, clock, ['setTimeout', 'clearTimeout']);

  function run([command, ...args]: readonly (string | number)[], late?: (answer: unknown) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      let timer: unknown;
      const wait = (stepsLeft: number): void => {
        timer = clock.setTimeout(() => {
          if (stepsLeft > 1) {
            wait(stepsLeft - 1);
            return;
          }
          isLate = true;
          reject(new RedisTimeout(`Redis has not answered ${command} within ${commandTimeoutMs} ms.`));
        }, commandTimeoutMs / steps);
      };
      wait(steps);
      const asked = async () => client.call(String(command), ...args);
      asked().then(
        (answer) => {
          clock.clearTimeout(timer);
          if (isLate) late?.(answer);
          resolve(answer);
        },
        (error: unknown) => {
          clock.clearTimeout(timer);
          reject(error);
        },
      );
    });
  }

  return {
    prefix,
    timers: clock,
    run,
    script: (text, keys, args, late) => run(['EVAL', text, keys.length, ...keys, ...args], late),
  };
}

/** How long what nobody touches is kept, in ms: 90 days. */
export const defaultIdleForMs = 90 * 24 * 60 * 60 * 1000;

export function checkIdle(option: string, idleForMs: unknown): void {
  checkNumber(option, idleForMs, { min: 60_000, integer: true });
}
