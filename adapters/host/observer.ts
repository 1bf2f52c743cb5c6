/** Looks at clock, network and presence on behalf of the machines, which look at nothing themselves. */
import type { Seen } from '../../machines/events';
import type { PresenceLevel, PresenceState } from '../../machines/ports';
import type { Instant } from '../../machines/time';
import type { Settings } from './options';
import type { Report } from './report';

export type Observer = {
  now(): Instant;
  isOnline(): boolean;
  /** The network is gone, or was at some time since then. */
  wasOfflineSince(since: Instant): boolean;
  /** Somebody looks at this page, or there is none to look at. */
  isAttended(): boolean;
  /** Before anything was looked at. */
  blank(): Seen;
  look(woke?: boolean, answered?: string): Seen;
};

function levelOf({ visibility, focus, frame }: PresenceState): PresenceLevel {
  if (visibility === 'unknown') return 'headless';
  if (visibility !== 'visible') return 'hidden';
  // A visible frame of another site never has the focus, however much the user looks at it.
  return focus === false && frame !== 'cross-site' ? 'visible' : 'focused';
}

export function createObserver(settings: Settings, report: Report): Observer {
  const { clock, connectivity, presence, random } = settings;
  let hiddenSince: Instant | null = null;
  let lastOffline: Instant | null = null;

  const now = (): Instant => ({ wallMs: clock.now(), monotonicMs: clock.monotonicNow() });
  const isOnline = (): boolean => {
    const online = report.attempt('connectivity', 'isOnline', () => connectivity.isOnline() !== false, true);
    if (!online) lastOffline = now();
    return online;
  };
  const level = (): PresenceLevel =>
    report.attempt('presence', 'current', () => levelOf(presence.current()), 'headless');

  return {
    now,
    isOnline,
    wasOfflineSince: (since) => !isOnline() || (lastOffline !== null && lastOffline.monotonicMs >= since.monotonicMs),
    isAttended: () => level() === 'focused' || level() === 'headless',
    blank: () => ({ now: now(), online: true, presence: 'headless', hiddenSince: null, roll: 0, woke: false }),
    look: (woke = false, answered) => {
      const instant = now();
      const presenceNow = level();
      hiddenSince = presenceNow === 'hidden' ? (hiddenSince ?? instant) : null;
      const roll = Math.min(1, Math.max(0, Number(report.attempt('random', 'random', random, 0)) || 0));
      const seen = { now: instant, online: isOnline(), presence: presenceNow, hiddenSince, roll, woke };
      return answered === undefined ? seen : { ...seen, answered };
    },
  };
}
