/** Reads all the time, both ways, and holds what comes against the server's own clock. */
import { decodeToken } from '../../adapters/token/decode';
import type { Tab } from './tab';

export type AuditOptions = {
  /** Distance between two looks. */
  readonly everyMs?: number;
  /** How far past its end a token may be in a reader's hands. Default 0: not at all. */
  readonly toleranceMs?: number;
  /** When a token ends in server time, epoch ms. Default: its `exp`. */
  readonly endOf?: (token: string) => number;
  /** Whether `getToken` is asked too, or only `peek`. */
  readonly reads?: boolean;
};

const endOfJwt = (token: string): number => decodeToken(token).expiresAt ?? Number.NEGATIVE_INFINITY;

export function auditReads(tab: Tab, options: AuditOptions = {}) {
  const { everyMs = 500, toleranceMs = 0, endOf = endOfJwt, reads = true } = options;
  const expired: { at: number; by: 'peek' | 'getToken'; pastEndMs: number }[] = [];
  const errors: unknown[] = [];
  let served = 0;
  let empty = 0;
  let pending = false;
  /** Ends are looked up once: long runs look at one token thousands of times. */
  const ends = new Map<string, number>();

  function check(by: 'peek' | 'getToken', token: string | null): void {
    if (!token) {
      if (by === 'getToken' || token === '') empty += 1;
      return;
    }
    served += 1;
    const end = ends.get(token) ?? endOf(token);
    ends.set(token, end);
    const pastEndMs = tab.server.now() - end;
    if (pastEndMs >= toleranceMs) expired.push({ at: tab.elapsed(), by, pastEndMs });
  }

  function look(): void {
    check('peek', tab.tokens.peek());
    if (!reads || pending) return;
    pending = true;
    tab.tokens
      .getToken()
      .then(
        (token) => check('getToken', token),
        (error) => errors.push(error),
      )
      .finally(() => {
        pending = false;
      });
  }

  return {
    /** Tokens that a reader got after their end. */
    expired,
    errors,
    /** How many tokens readers got. */
    get served() {
      return served;
    },
    /** `null` from `getToken`, or an empty string from anywhere. */
    get empty() {
      return empty;
    },
    look,
    /** Lets time pass, looking all the while. */
    run: async (ms: number): Promise<void> => {
      const until = tab.elapsed() + ms;
      look();
      while (tab.elapsed() < until) {
        await tab.clock.advance(Math.min(everyMs, until - tab.elapsed()));
        look();
      }
      await tab.clock.settle();
    },
  };
}

/** The computer sleeps: the server's clock goes on. */
export async function sleepFor(tab: Tab, ms: number): Promise<void> {
  tab.server.slept(ms);
  await tab.clock.sleep(ms);
}

/** The most instants that any stretch of `windowMs` holds (its end not included). */
export function busiest(instants: readonly number[], windowMs: number): number {
  return Math.max(0, ...instants.map((from) => instants.filter((at) => at >= from && at < from + windowMs).length));
}
