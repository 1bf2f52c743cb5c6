/** The cookie: what may be written, by which tab, and that it is removed on sign-out only (§7, §8, §10). */
import { CookieError } from '../../machines/errors';
import { freshnessOrder, type TokenFacts } from '../../machines/held-token';
import type { CookieValue, SessionCookie } from '../../machines/ports';
import { decodeToken } from '../token/decode';
import {
  activeContext,
  type CookieContext,
  contextOf,
  formatContext,
  latestOf,
  mayClear,
  type Permission,
  parseContext,
  permissionFor,
  recordedContext,
  type Writer,
} from './cookie-context';
import { chain, isPromiseLike } from './promises';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import { createSerial } from './serial';

/** The session token of the active session, ready to be written. */
export type CookieToken = {
  readonly token: string;
  readonly facts: TokenFacts;
  readonly writer: Writer;
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
  /** The cookie says that this session was signed out, in a tab that could not tell. */
  signedOutElsewhere(): void;
};

export type CookieKeeper = {
  write(given: CookieToken): void;
  /**
   * Whose cookie it is from now on. Who signs in takes it over, who starts or goes on only where this tab may write; and a
   * start that knows of a sign-out before it is a sign-in, while what goes on is over.
   */
  activate(writer: Writer, epoch: number, by: 'sign-in' | 'start' | 'going-on'): void;
  signedOut(writer: Writer | null, epoch: number): Promise<void>;
  /** A late write brought back what a sign-out had removed. */
  removeAgain(): void;
};

/** Whether the cookie's own token is one that ours must not replace: unexpired, of this identity, and fresher. */
function isBetter({ value }: CookieValue, { facts, writer, offsetMs, nowMs, rejected }: CookieToken): boolean {
  try {
    const { sessionId, organizationId, issuedAt, expiresAt, originIssuedAt, fingerprint } = decodeToken(value);
    if (rejected.includes(fingerprint)) return false;
    if (sessionId !== writer.session.id || (organizationId ?? null) !== (facts.organizationId ?? null)) return false;
    if (expiresAt === null || issuedAt === null || expiresAt <= nowMs + offsetMs) return false;
    return freshnessOrder({ issuedAt, originIssuedAt }, facts) > 0;
  } catch {
    return false;
  }
}

/** When an unexpired cookie of another session ends, local epoch ms; `null` for any other value. */
function expiryOf({ value }: CookieValue, { writer, offsetMs, nowMs }: CookieToken): number | null {
  try {
    const { expiresAt, sessionId } = decodeToken(value);
    const isTheirs = sessionId !== undefined && sessionId !== writer.session.id;
    return isTheirs && expiresAt !== null && expiresAt > nowMs + offsetMs ? expiresAt - offsetMs : null;
  } catch {
    return null;
  }
}

/** Whose token it is, if it says so. */
function sessionIn({ value }: CookieValue): string | undefined {
  try {
    return decodeToken(value).sessionId;
  } catch {
    return undefined;
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
  if (!cookie) return { write: () => {}, activate: () => {}, signedOut: async () => {}, removeAgain: () => {} };

  const jar = cookie;
  const serial = createSerial(report);

  /** Runs at once where the cookie is synchronous: whoever is told of the token finds it in the cookie. */
  function guarded(operation: string, run: () => unknown): Promise<unknown> | undefined {
    const started = report.attempt<unknown>('cookie', operation, run, undefined);
    return isPromiseLike(started) ? report.settle('cookie', operation, () => started) : undefined;
  }

  const remove = (): Promise<unknown> | undefined => guarded('remove', () => jar.remove());

  /** What the companion says; `undefined` where there is none. */
  function companion(): CookieContext | undefined | PromiseLike<CookieContext | undefined> {
    const read = report.attempt('cookie', 'readContext', () => jar.readContext?.(), undefined);
    if (!isPromiseLike(read)) return parseContext(read);
    return report
      .settle('cookie', 'readContext', () => read)
      .then((found) => (found.ok ? parseContext(found.value) : undefined));
  }

  /** What is in the cookie; nothing where it cannot be read. */
  function values(): readonly CookieValue[] | PromiseLike<readonly CookieValue[]> {
    const read = report.attempt<readonly CookieValue[] | PromiseLike<readonly CookieValue[]>>(
      'cookie',
      'read',
      () => chain(jar.read(), cookieValues),
      [],
    );
    if (!isPromiseLike(read)) return read;
    return report.settle('cookie', 'read', () => read).then((found) => (found.ok ? found.value : []));
  }

  /** What the companion says, or where there is none the shared record as far as it is known. */
  const context = (writer: Writer) => chain(companion(), (said) => said ?? recordedContext(record.known, writer));

  /** A sign-in that could not be marked yet: up to that epoch the companion speaks of what was before. */
  let unmarked: { readonly sessionId: string; readonly upTo: number } | null = null;

  const mark = (epoch: number, said: CookieContext) =>
    guarded('writeContext', () =>
      chain(jar.writeContext?.(formatContext(epoch, said)), () => {
        unmarked = null;
      }),
    );

  function permissionNow(writer: Writer, said: CookieContext | undefined): Permission {
    const isOutdated = unmarked?.sessionId === writer.session.id && (said?.signInEpoch ?? 0) <= unmarked.upTo;
    return isOutdated ? 'to-be-claimed' : permissionFor(writer, said);
  }

  function store(given: CookieToken, values: readonly CookieValue[]): void | PromiseLike<void> {
    if (!given.isCurrent()) return;
    if (values.length > 1) report.failed('cookie', 'read', new CookieError('duplicate'));
    if (values.length === 1 && values[0]?.value === given.token) return;
    // Among several nobody knows which is ours (R10.20); ours is put right.
    if (values.length === 1 && values.some((value) => isBetter(value, given))) return;
    const expiresAt = given.facts.expiresAt - given.offsetMs;
    return chain(jar.write(given.token, { expiresAt }), (written) => {
      if (written.status === 'rejected') throw new CookieError(written.reason);
      if (written.status === 'written') void takeBackIfForbidden(given, values[0]);
    });
  }

  /** Another tab may have signed out, or somebody else in, while this one wrote (R8.16, R10.14). */
  async function takeBackIfForbidden(given: CookieToken, before: CookieValue | undefined): Promise<void> {
    const { writer, token } = given;
    const now = await record.read();
    const said = await context(writer);
    const recorded = now.ok ? recordedContext(now.value, writer) : undefined;
    const buried =
      now.ok && now.value?.tombstone !== undefined && now.value.epoch > given.epoch && !now.value.signedOut;
    const permissions = latestOf([said, recorded]).map((one) => permissionFor({ ...writer, focused: true }, one));
    const isOver = buried || permissions.includes('signed-out');
    if (!(isOver || permissions.includes('denied')) || !given.isCurrent()) return;
    if (!(await values()).some(({ value }) => value === token)) return;
    // The companion was claimed along with it: a sign-out here must not take the cookie for its own.
    if (!isOver && now.ok && now.value && recorded && said?.sessionHash !== recorded.sessionHash)
      await mark(now.value.epoch, recorded);
    // Somebody else signed in meanwhile: what was there before is theirs.
    const theirs = isOver || !before ? null : expiryOf(before, given);
    if (before && theirs !== null)
      await report.settle('cookie', 'write', async () => jar.write(before.value, { expiresAt: theirs }));
    else await remove();
  }

  return {
    write: (given) => {
      const { writer, epoch } = given;
      const put = () => chain(jar.read(), (values) => store(given, cookieValues(values)));
      const run = () =>
        chain(context(writer), (found) => {
          switch (permissionNow(writer, found)) {
            case 'denied':
              return;
            case 'signed-out':
              given.signedOutElsewhere();
              return;
            case 'to-be-claimed':
              return chain(mark(epoch, contextOf(writer, found)), put);
            default:
              return put();
          }
        });
      const landed = (): void => {
        if (!given.isCurrent()) given.putRight();
      };
      serial.write('cookie', { adapter: 'cookie', operation: 'write', run, landed });
    },
    removeAgain: () => void remove(),
    activate: (writer, epoch, by) => {
      void guarded('writeContext', () =>
        chain(context(writer), (found) => {
          const isSignIn = by === 'sign-in';
          if (isSignIn) unmarked = { sessionId: writer.session.id, upTo: found?.signInEpoch ?? 0 };
          const permission = isSignIn ? 'granted' : permissionNow(writer, found);
          const isOver = permission === 'signed-out' && by === 'going-on';
          if (permission !== 'denied' && !isOver) return mark(epoch, contextOf(writer, found));
        }),
      );
    },
    signedOut: async (writer, epoch) => {
      unmarked = null;
      if (!writer) {
        await remove();
        return;
      }
      const clear = async (found: CookieContext | undefined): Promise<void> => {
        if (!mayClear(writer, found)) {
          const isLeft = (await values()).some((value) => sessionIn(value) === writer.session.id);
          if (!isLeft || (found && found.signInEpoch > writer.signInEpoch)) return;
          await remove();
          return;
        }
        // Marked first: whoever writes in between finds the mark when it looks again.
        const marking = mark(epoch, { ...contextOf(writer, undefined), signedOut: true });
        await Promise.all([remove(), marking]);
      };
      // With no companion to ask, the token itself may tell that it is somebody else's.
      const clearUnmarked = (found: readonly CookieValue[]): Promise<void> | undefined => {
        const owners = found.map(sessionIn);
        const isTheirs = owners.length > 0 && owners.every((id) => id !== undefined && id !== writer.session.id);
        return isTheirs ? undefined : clear(activeContext(record.known));
      };
      await chain(companion(), (said) => (said ? clear(said) : chain(values(), clearUnmarked)));
    },
  };
}
