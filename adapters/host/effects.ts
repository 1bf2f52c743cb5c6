/** What follows outside the machines when a token is held, or somebody signs in, switches or signs out (§7, §8). */
import type { SessionEmitted } from '../../machines/events';
import type { TokenFacts } from '../../machines/held-token';
import type { SharedRecord } from '../../machines/ports';
import type { SessionSnapshot } from '../../machines/view';
import { hashName } from '../token/fingerprint';
import type { CookieKeeper } from './cookie-keeper';
import type { Emitter } from './emitter';
import type { Slot } from './keys';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import { createSerial } from './serial';
import type { LifecycleEvents } from './types';

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly report: Report;
  readonly record: RecordKeeper;
  readonly cookies: CookieKeeper;
  readonly emitter: Emitter<LifecycleEvents>;
  /** The session machine as it is now, or as the stop left it: a write that lands late asks as well. */
  session(): SessionSnapshot;
  /** The active session's slot. */
  active(): Slot | undefined;
  /** How things stand now, to be put into words later. */
  account(): () => string;
  /** This browser has seen a later epoch than the machine knew when it signed in. */
  epochRaised(epoch: number): void;
};

export type Effects = {
  /** A token is held that was not held before: cache, cookie, record, then the event (R7.11 to R7.15). */
  tokenHeld(slot: Slot, token: TokenFacts): void;
  /** The cookie carries the held token of the active session, or it is written again. */
  syncCookie(slot: Slot): void;
  retryAfter(ms: number): void;
  rejected(fingerprint: string): void;
  signedIn(event: Extract<SessionEmitted, { type: 'session.signed-in' }>): void;
  switched(event: Extract<SessionEmitted, { type: 'session.switched' }>): void;
  /** Resolves when everything local is done. */
  signedOut(event: Extract<SessionEmitted, { type: 'session.signed-out' }>): Promise<void>;
};

const activeOf = (session: { id: string; organizationId?: string | null }): NonNullable<SharedRecord['active']> => ({
  sessionHash: hashName(session.id),
  organizationHash: hashName(session.organizationId ?? ''),
});

export function createEffects(deps: Deps): Effects {
  const { settings, names, observer, report, record, cookies, emitter } = deps;
  const { cache } = settings;
  const serial = createSerial(report);

  const isActive = (slot: Slot): boolean => deps.active() === slot;
  const epochNow = (): number => deps.session().context.epoch;

  function syncCookie(slot: Slot): void {
    const { context } = deps.session();
    const { clock, rejected } = slot.actor.getSnapshot().context;
    const { token, held } = slot;
    const now = observer.now();
    if (!context.session || !isActive(slot) || token === null || !held || now.wallMs >= slot.unexpiredUntil) return;
    const { epoch, session } = context;
    const isCurrent = () => epochNow() === epoch && deps.session().context.session === session;
    const putRight = (): void => {
      const active = deps.active();
      if (deps.session().hasTag('signed-out')) cookies.removeAgain();
      else if (active) syncCookie(active);
    };
    const offsetMs = clock.offsetMs;
    cookies.write({ token, facts: held, session, epoch, offsetMs, nowMs: now.wallMs, rejected, isCurrent, putRight });
  }

  function remember(slot: Slot, token: string): void {
    const epoch = epochNow();
    const { sessionId } = slot.key;
    const active = isActive(slot);
    const options = { expiresAt: slot.unexpiredUntil };
    const isGone = () => epochNow() !== epoch && deps.session().context.session?.id !== sessionId;
    const write = (name: string): void => {
      const run = () => cache.set(name, token, options);
      // Signed out while it was being written, however long that took: taken back.
      const landed = (): void => {
        if (isGone()) void report.settle('cache', 'deleteAll', () => cache.deleteAll(name));
      };
      serial(name, { adapter: 'cache', operation: 'set', run, landed });
    };
    write(names.token(slot.key));
    if (active) write(names.activeToken);
  }

  /** Writes down that there is a new token, and looks whether somebody signed out elsewhere meanwhile (R8.16). */
  async function recordToken(slot: Slot, token: TokenFacts): Promise<void> {
    const { clock } = slot.actor.getSnapshot().context;
    const active = isActive(slot);
    const epoch = epochNow();
    const { issuedAt, expiresAt, fingerprint } = token;
    const known = { epoch, issuedAt, expiresAt, fingerprint, clockOffsetMs: clock.offsetMs };
    const written = await record.update((now) => (!active || now.epoch > epoch ? now : { ...now, ...known }));
    if (!written?.tombstone || written.epoch <= epoch || epochNow() !== epoch) return;
    const places = [names.token(slot.key), ...(active ? [names.activeToken] : [])];
    for (const place of places) void report.settle('cache', 'deleteAll', () => cache.deleteAll(place));
  }

  return {
    syncCookie,
    tokenHeld: (slot, token) => {
      const raw = slot.token;
      if (raw === null) return;
      if (token.from !== 'cache') remember(slot, raw);
      syncCookie(slot);
      if (token.from === 'mint' || token.from === 'given') void recordToken(slot, token);
      const { expiresAt, fingerprint, from } = token;
      emitter.emit('token.updated', { key: slot.key, expiresAt, fingerprint, from });
    },
    retryAfter: (ms) => {
      const floorUntil = observer.now().wallMs + ms;
      void record.update((now) => ({ ...now, floorUntil: Math.max(floorUntil, now.floorUntil ?? 0) }));
    },
    rejected: (fingerprint) => {
      void record.update((now) => ({
        ...now,
        rejected: [...(now.rejected ?? []).filter((one) => one !== fingerprint), fingerprint].slice(-20),
      }));
    },
    signedIn: ({ session, epoch, restored }) => {
      cookies.signedIn(session, epoch);
      void record
        .update(({ tombstone, ...now }) => {
          const { floorUntil: _, rejected: __, ...anew } = now;
          // Who is signed in again is above the tombstone, also where the page came with a session (T28, R8.15).
          const above = Math.max(epoch, now.epoch + (tombstone ? 1 : 0));
          return { ...(restored ? now : anew), epoch: above, active: activeOf(session) };
        })
        .then((written) => written && written.epoch > epoch && deps.epochRaised(written.epoch));
      emitter.emit('session.signedIn', { session, epoch, from: restored ? 'restored' : 'given' });
    },
    switched: ({ session, epoch }) => {
      cookies.signedIn(session, epoch);
      void record.update((now) => ({ ...now, epoch: Math.max(epoch, now.epoch), active: activeOf(session) }));
    },
    signedOut: async ({ session, epoch, reason }) => {
      const cleared = [...(session ? [names.sessionPrefix(session.id)] : []), names.activeToken].map((prefix) =>
        report.settle('cache', 'deleteAll', () => cache.deleteAll(prefix)),
      );
      const removed = cookies.signedOut(epoch);
      const buried = record.update(({ v, generation, clockOffsetMs, epoch: before }) => ({
        v,
        generation,
        epoch: Math.max(epoch, before + 1),
        ...(clockOffsetMs !== undefined && { clockOffsetMs }),
        tombstone: { at: observer.now().wallMs, reason },
      }));
      emitter.emit('session.signedOut', { session, epoch, reason, explanation: deps.account()() });
      await Promise.all([...cleared, removed, buried]);
    },
  };
}
