/** A token that another tab sent: what has to hold before the machine hears of it (R7.17 to R7.21). */
import { lifetimeMs, type TokenFacts } from '../../machines/held-token';
import { serverNowMs, sharedClock } from '../../machines/server-time';
import { believedClock } from '../../machines/token/laws';
import { decodeToken } from '../token/decode';
import { isAdoptable, isJwt, isSameIdentity, isSameSubject, lifetimeIn } from './adoption';
import { peerFacts } from './facts';
import type { Slot } from './keys';
import type { Message } from './messages';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import type { RecordKeeper } from './record';
import type { Report } from './report';
import type { Vault } from './vault';

type Deps = {
  readonly settings: Settings;
  readonly names: Names;
  readonly observer: Observer;
  readonly report: Report;
  readonly record: RecordKeeper;
  readonly vault: Vault;
};

/** With nothing minted here and nothing on record to compare it with, a peer's token may last a day: twice this. */
const unknownLifeMs = 12 * 3_600_000;

/** What a tab holds a message against, besides its own token for that key. */
export type Known = {
  /** The longest lifetime that was minted here; `null` where none was. */
  readonly longestMs: number | null;
  /** Session tokens for other organizations. */
  readonly beside: readonly string[];
};

export type TokenMessage = Extract<Message, { is: 'token' }>;

export function createPeerTokens({ settings, names, observer, report, record, vault }: Deps) {
  const isAcceptedByUser = (token: string): boolean => {
    const { accept } = settings;
    if (!accept) return true;
    return report.attempt('accept', 'accept', () => accept(token, decodeToken(token).claims) === true, false);
  };

  return {
    /** Its facts, with the token in the vault; `null` where it is not to be believed. */
    read: (slot: Slot, message: TokenMessage, { longestMs, beside }: Known): TokenFacts | null => {
      const { clock, held, seen } = slot.actor.getSnapshot().context;
      const theirs = message.offsetMs === undefined ? null : sharedClock(message.offsetMs);
      const known = record.known?.keys?.[names.token(slot.key)];
      const lives = [longestMs, held && lifetimeMs(held), known && lifetimeIn(known)].filter(
        (ms) => ms !== null && ms !== undefined,
      );
      let facts: TokenFacts;
      try {
        facts = peerFacts(message, vault);
      } catch {
        // Malformed, too large, or without a life.
        return null;
      }
      const isFine =
        isAdoptable(facts, {
          serverNowMs: serverNowMs(believedClock({ clock, seen }, theirs), observer.now()),
          longestMs: lives.length > 0 ? Math.max(...lives) : unknownLifeMs,
        }) &&
        (slot.token === null || isSameIdentity(slot.token, message.token)) &&
        beside.every((token) => isSameSubject(token, message.token)) &&
        // An opaque token could be anything: it has to be one that the tabs know of, or like the one held.
        (isJwt(message.token) || slot.token !== null || known?.fingerprint === facts.fingerprint) &&
        isAcceptedByUser(message.token);
      if (!isFine) vault.drop(facts.generation);
      return isFine ? facts : null;
    },
  };
}
