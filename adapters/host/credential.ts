/**
 * The one rotating credential of a session: marked in the shared record before it is spent, and its successor committed only
 * while the mark is still this tab's (R5.14, S6).
 */
import type { Failure } from '../../machines/failure';
import type { CredentialSlot, SharedRecord } from '../../machines/ports';
import { elapsedMs, type Instant } from '../../machines/time';
import { fingerprint, hashName } from '../token/fingerprint';
import { isOfTab, lost, type Mark, markOf, withMark, withoutMark } from './mark';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import { pause } from './patience';
import type { RecordKeeper } from './record';
import type { Report } from './report';

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly record: RecordKeeper;
  readonly report: Report;
  isSignedOut(): boolean;
};

/**
 * `from-last-token`: the last token went along, and it may be an edge that minted from it without a look at the credential.
 * `unseen`: nobody says that he looked at it.
 */
export type Answered = 'minted' | 'from-last-token' | 'unseen';

export type Spending = {
  readonly slot: CredentialSlot;
  /** It was sent before, that was never answered, and the server forgives no second time any more. */
  readonly isDoubtful: boolean;
  /** An answer came: this request is not lost. */
  answered(how: Answered): void;
};

const elsewhere = 'credential_elsewhere';

/** The cache is behind the record: another tab has the credential, or what it wrote has not arrived here. */
export class CredentialElsewhere extends Error {
  override readonly name = 'CredentialElsewhere';
  readonly code = elsewhere;
}

/** Whether a mint failed for that reason: other tabs may do better. */
export const isElsewhere = (failure: Failure | null): boolean => failure?.cause?.code === elsewhere;

/** A cache that is behind catches up soon: looked at again so often, at such a distance in ms. */
const looks = 5;
const lookAgainMs = 100;
/** What has not landed in the cache after that hangs, in ms: nothing waits behind it any more. */
const hangsMs = 10_000;
/** Spent ones are told from the one that is good now; so many are remembered. */
const rememberedSpent = 50;
/** Credentials stay until they are spent. */
const lasting = { expiresAt: Number.MAX_SAFE_INTEGER };

export type Credentials = ReturnType<typeof createCredentials>;

/** Made once for a page: a stop and a start lose nothing. */
export function createCredentials({ settings, names, observer, record, report, isSignedOut }: Deps) {
  const { cache, clock, policy, sharesCache, store, tabId } = settings;
  const isOrdered = store.consistency === 'ordered';
  /** A successor that could not be stored is not lost while the page lives (H06). */
  const successors = new Map<string, { readonly next: string; readonly signIn: number | undefined }>();
  /** By name: the last that this tab got. A cache may lose again what has landed there, to a page that froze as it signed out. */
  const latest = new Map<string, string>();
  /** By name: what is on its way into the cache; `since` the first that has not landed was written. */
  const landing = new Map<string, { readonly landed: Promise<unknown>; since: Instant }>();
  let spent = 0;

  /** The last sign-in to this session, as far as the record tells. */
  function signInOf(sessionId: string): number | undefined {
    const { active, signInEpoch = 0 } = record.known ?? {};
    return active?.sessionHash === hashName(sessionId) ? signInEpoch : undefined;
  }

  /** Puts the successor into the cache, behind one that is slow to land there and would bury it. */
  async function keep(sessionId: string, next: string): Promise<void> {
    const name = names.credential(sessionId);
    const successor = { next, signIn: signInOf(sessionId) };
    successors.set(name, successor);
    latest.set(name, next);
    const isGood = (): boolean =>
      !isSignedOut() && successors.get(name) === successor && signInOf(sessionId) === successor.signIn;
    const now = observer.now();
    const before = landing.get(name);
    const isSlow = before !== undefined && elapsedMs(before.since, now) < hangsMs;
    const writing = (isSlow ? before.landed : Promise.resolve()).then(async () => {
      own.since = observer.now();
      if (!isGood()) return false;
      await cache.set(name, next, lasting);
      return true;
    });
    const own = { landed: writing.catch(() => {}), since: isSlow ? before.since : now };
    landing.set(name, own);
    const stored = await report.settle('cache', 'set', () => writing);
    if (stored.ok && stored.value && successors.get(name) === successor) successors.delete(name);
  }

  /** What the cache has, once that is what the record knows to be good. @throws CredentialElsewhere */
  async function current(sessionId: string, signal: AbortSignal): Promise<string | undefined> {
    const name = names.credential(sessionId);
    for (let look = 1; ; look += 1) {
      const known = sharesCache ? record.known?.keys?.[name] : undefined;
      const isSpent = (one: string): boolean => known?.spent?.includes(fingerprint(one)) ?? false;
      const own = successors.get(name);
      // It did land in the cache, late, and another tab has gone on from there.
      if (own && isSpent(own.next)) successors.delete(name);
      const signIn = signInOf(sessionId);
      const isOfBefore = own?.signIn !== undefined && signIn !== undefined && own.signIn !== signIn;
      const kept = successors.get(name)?.next;
      const cached = kept !== undefined && !isOfBefore ? undefined : await cache.get(name);
      // Somebody signed in anew, and brought one: it is still there, or has been spent since.
      const isReplaced = isOfBefore && (known?.fingerprint !== undefined || cached === undefined || !isSpent(cached));
      if (isReplaced && successors.get(name) === own) successors.delete(name);
      const held = isReplaced ? cached : (kept ?? cached);
      const isBehind = held === undefined ? known?.fingerprint !== undefined : isSpent(held);
      if (!isBehind) return held;
      const last = latest.get(name);
      if (last !== undefined && known?.fingerprint === fingerprint(last)) return last;
      if (look === looks) throw new CredentialElsewhere('Another tab has the credential that is good now.');
      await pause(clock, lookAgainMs, signal);
    }
  }

  /** By another tab, which may still be there. An own mark that was never answered is judged before the turn. */
  const isBeingSpent = (mark: Mark | undefined): mark is Mark =>
    mark !== undefined && !isOfTab(mark, tabId) && record.openForMs(mark) > 0;
  /** Whoever has the lock may send it once more (R5.15). */
  const isForgiven = ({ startedAt }: Pick<Mark, 'startedAt'>, wallMs: number): boolean =>
    wallMs - startedAt < settings.credential.reuseGraceMs;

  return {
    /** Signed out: no secret of the session is kept (S7). */
    forget: (sessionId: string): void => {
      successors.delete(names.credential(sessionId));
      latest.delete(names.credential(sessionId));
    },
    /**
     * @param isLeased this tab has the lock: whoever marked it is gone, or has lost the lock
     * @throws what the cache throws, or CredentialElsewhere: nothing has been marked, nothing may be sent
     */
    spend: async (sessionId: string, isLeased: boolean, signal: AbortSignal): Promise<Spending> => {
      const name = names.credential(sessionId);
      spent += 1;
      const nth = spent;
      const owner = `${tabId}.${nth}`;
      const sessionHash = hashName(sessionId);
      const isMine = (now: SharedRecord): boolean => markOf(now, sessionHash)?.owner === owner;
      const begun = observer.now();
      /** Whether the mark is in the record. A store that fails keeps nobody from spending, only from saying so. */
      let isMarked = false;
      /** A mark that was there before this one began is not of somebody who took over. */
      const isLater = ({ deadline }: Mark): boolean => deadline - policy.requestTimeoutMs > begun.wallMs;
      const isTaken = (now: SharedRecord): boolean => {
        const found = markOf(now, sessionHash);
        return isMarked && !isCommitted ? !isMine(now) : isBeingSpent(found) && isLater(found);
      };
      /** It was sent before, and never answered. */
      let isAgain = false;
      let firstAt = 0;
      let isCommitted = false;
      /** A store that is slow may bring the mark when there is nothing left that it stands for. */
      let isOver = false;
      const isGivenUp = (): boolean => isOver || signal.aborted || spent !== nth;

      /** Whether no other tab is at it, or who is has lost the lock and is forgiven. */
      function isFreeIn(now: SharedRecord, wallMs: number): boolean {
        const before = markOf(now, sessionHash);
        return isMine(now) || !isBeingSpent(before) || (isLeased && isForgiven(before, wallMs));
      }

      /** Marks it as being spent, unless another tab is at it. Atomic where the store is ordered. */
      async function mark(held: string | undefined): Promise<boolean> {
        const { wallMs } = observer.now();
        let isFree = true;
        const written = await record.update((now) => {
          // The next one of this tab may be at it by now.
          isFree = !isGivenUp() && isFreeIn(now, wallMs);
          if (!isFree) return now;
          const before = markOf(now, sessionHash);
          const credential = held === undefined ? '' : fingerprint(held);
          const isSame = before?.credential === credential;
          if (!isSame || before.owner !== owner) isAgain = isSame;
          // Then the grace of the server runs from the first time; nobody knows how long ago that is if the clock was set back.
          firstAt = !isAgain ? wallMs : before && before.startedAt <= wallMs ? before.startedAt : 0;
          const deadline = wallMs + policy.requestTimeoutMs;
          return withMark(now, { owner, startedAt: firstAt, deadline, credential, sessionHash });
        });
        isMarked = written !== undefined && isMine(written);
        // A store that fails tells nothing new: what was known of it holds.
        return isFree && (written !== undefined || !record.known || isFreeIn(record.known, wallMs));
      }

      let held: string | undefined;
      /** @throws what the cache throws, or CredentialElsewhere */
      async function take(): Promise<void> {
        held = await current(sessionId, signal);
        for (let look = 1; !(await mark(held)); look += 1) {
          if (look * lookAgainMs >= policy.lockWaitMs || signal.aborted)
            throw new CredentialElsewhere('Another tab is spending the credential.');
          await pause(clock, lookAgainMs, signal);
          held = await current(sessionId, signal);
        }
        // Read again under the mark: whoever had it before may have left a successor (E11).
        const latest = await current(sessionId, signal);
        if (latest !== held) await mark(latest);
        held = latest;
        // While the cache was looked at, slowly, a tab that got the lock may have taken it over.
        const now = isMarked && !isLeased ? await record.read() : undefined;
        if (now?.ok && now.value && !isMine(now.value)) throw new CredentialElsewhere('Another tab has taken it over.');
        // Nothing keeps the others from spending it as well (R10.3).
        if (!isMarked && !isLeased && sharesCache) throw new CredentialElsewhere('Another tab may spend it as well.');
      }

      const commit = async (next: string): Promise<void> => {
        // Signed out meanwhile: no secret is kept of a session that is over (S7).
        if (isSignedOut()) return;
        // Somebody else has spent it since: whatever we were given is worth nothing, and must not bury what they got. A store
        // that only hints cannot tell; there, whoever has the lock is the only one to spend.
        const now = isOrdered ? await record.read() : undefined;
        if (now?.ok && now.value && isTaken(now.value)) throw new CredentialElsewhere('The mark is of another tab.');
        isCommitted = true;
        await keep(sessionId, next);
        // With the mark gone in the same step: what it stands for has been answered.
        await record.updateKey(
          name,
          ({ spent = [] }) => ({
            fingerprint: fingerprint(next),
            spent: (held === undefined ? spent : [...spent, fingerprint(held)]).slice(-rememberedSpent),
          }),
          (now) => (isMine(now) ? withoutMark(now, sessionHash) : now),
        );
      };
      const answered = (how: Answered): void => {
        isOver = true;
        if (isSignedOut()) return;
        // Where the last token goes along always, and the source keeps the credential to itself, an edge gives no sign.
        const isBlind = held === undefined && policy.presentHeldToken === 'always';
        const isProof = isCommitted || how === 'minted' || (how === 'from-last-token' && isBlind);
        void record.update((now) => {
          const own = markOf(now, sessionHash);
          if (own?.owner !== owner) return now;
          // Of an earlier request with it, which was never answered, nothing else tells whether it was taken.
          if (!isAgain || isProof) return withoutMark(now, sessionHash);
          return withMark(now, { ...lost(own, observer.now().wallMs), sessionHash });
        });
      };

      await take().catch((thrown) => {
        // Nothing was sent.
        answered('unseen');
        throw thrown;
      });
      return {
        slot: { read: async () => held, commit },
        isDoubtful: isAgain && !isForgiven({ startedAt: firstAt }, observer.now().wallMs),
        answered,
      };
    },
  };
}
