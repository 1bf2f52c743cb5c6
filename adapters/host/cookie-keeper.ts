/** The cookie: what may be written, and that it is removed on sign-out only (§7, §8, §10). */
import { CookieError } from '../../machines/errors';
import type { Session } from '../../machines/events';
import { freshnessOrder, type TokenFacts } from '../../machines/held-token';
import type { CookieValue, SessionCookie } from '../../machines/ports';
import { decodeToken } from '../token/decode';
import { hashName } from '../token/fingerprint';
import { chain, isPromiseLike } from './promises';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import { createSerial } from './serial';

/** The session token of the active session, ready to be written. */
export type CookieToken = {
  readonly token: string;
  readonly facts: TokenFacts;
  readonly session: Session;
  readonly epoch: number;
  /** Fingerprints that an API refused: in the cookie they lose like anywhere else. */
  readonly rejected: readonly string[];
  /** Estimated server time minus the local wall clock. */
  readonly offsetMs: number;
  /** Local epoch ms. */
  readonly nowMs: number;
  /** False once somebody signed in, out or switched. */
  isCurrent(): boolean;
  /** A write that landed too late: the cookie is made to say what holds now. */
  putRight(): void;
};

export type CookieKeeper = {
  write(given: CookieToken): void;
  signedIn(session: Session, epoch: number): void;
  signedOut(epoch: number): Promise<void>;
  /** A late write brought back what a sign-out had removed. */
  removeAgain(): void;
};

/** The companion says: epoch, and whether it ended in a sign-out. No secret. */
const companion = (epoch: number, owner: Session | null): string =>
  owner ? `1.${epoch}.in.${hashName(owner.id)}.${hashName(owner.organizationId ?? '')}` : `1.${epoch}.out`;

function isSignedOutSince(value: string | undefined, epoch: number): boolean {
  const [version, since, state] = (value ?? '').split('.');
  return version === '1' && state === 'out' && Number(since) >= epoch;
}

/** Whether the cookie's own token is one that ours must not replace: unexpired, of this identity, and fresher. */
function isBetter({ value }: CookieValue, { facts, session, offsetMs, nowMs, rejected }: CookieToken): boolean {
  try {
    const { sessionId, organizationId, issuedAt, expiresAt, originIssuedAt, fingerprint } = decodeToken(value);
    if (rejected.includes(fingerprint)) return false;
    if (sessionId !== session.id || (organizationId ?? null) !== (facts.organizationId ?? null)) return false;
    if (expiresAt === null || issuedAt === null || expiresAt <= nowMs + offsetMs) return false;
    return freshnessOrder({ issuedAt, originIssuedAt }, facts) > 0;
  } catch {
    return false;
  }
}

/** What an adapter answers, if that is what it should. @throws TypeError */
export function cookieValues(answer: unknown): readonly CookieValue[] {
  if (!Array.isArray(answer)) throw new TypeError('The cookie adapter gave no list of values.');
  return answer.filter((one): one is CookieValue => typeof one?.value === 'string');
}

export function createCookieKeeper(
  cookie: SessionCookie | undefined,
  record: RecordKeeper,
  report: Report,
): CookieKeeper {
  if (!cookie) return { write: () => {}, signedIn: () => {}, signedOut: async () => {}, removeAgain: () => {} };

  const jar = cookie;
  const serial = createSerial(report);

  /** Runs at once where the cookie is synchronous: whoever is told of the token finds it in the cookie. */
  function guarded(operation: string, run: () => unknown): Promise<unknown> | undefined {
    const started = report.attempt<unknown>('cookie', operation, run, undefined);
    return isPromiseLike(started) ? report.settle('cookie', operation, () => started) : undefined;
  }

  const remove = (): Promise<unknown> | undefined => guarded('remove', () => cookie.remove());

  function store(given: CookieToken, values: readonly CookieValue[]): void | PromiseLike<void> {
    if (!given.isCurrent()) return;
    if (values.length > 1) report.failed('cookie', 'read', new CookieError('duplicate'));
    if (values.length === 1 && values[0]?.value === given.token) return;
    if (values.some((value) => isBetter(value, given))) return;
    const expiresAt = given.facts.expiresAt - given.offsetMs;
    return chain(jar.write(given.token, { expiresAt }), (written) => {
      if (written.status === 'rejected') report.failed('cookie', 'write', new CookieError(written.reason));
      if (written.status === 'written') void takeBackIfSignedOut(given);
    });
  }

  /** Another tab may have signed out while this one wrote (R8.16). */
  async function takeBackIfSignedOut({ epoch, isCurrent }: CookieToken): Promise<void> {
    const [context, now] = await Promise.all([
      report.settle('cookie', 'readContext', () => jar.readContext?.()),
      record.read(),
    ]);
    const marked = context.ok && isSignedOutSince(context.value, epoch + 1);
    const buried = now.ok && now.value?.tombstone !== undefined && now.value.epoch > epoch;
    if ((marked || buried) && isCurrent()) await remove();
  }

  return {
    write: (given) => {
      const run = () =>
        chain(cookie.readContext?.(), (context) =>
          isSignedOutSince(context, given.epoch)
            ? undefined
            : chain(cookie.read(), (values) => store(given, cookieValues(values))),
        );
      const landed = (): void => {
        if (!given.isCurrent()) given.putRight();
      };
      serial('cookie', { adapter: 'cookie', operation: 'write', run, landed });
    },
    removeAgain: () => void remove(),
    signedIn: (session, epoch) => {
      void guarded('writeContext', () => cookie.writeContext?.(companion(epoch, session)));
    },
    signedOut: async (epoch) => {
      // Marked first: whoever writes in between finds the mark when it looks again.
      const marking = guarded('writeContext', () => cookie.writeContext?.(companion(epoch, null)));
      const removing = remove();
      await Promise.all([removing, marking]);
    },
  };
}
