/** The other tabs: what is told to them, and what of theirs is believed (T23, §10). */
import type { TokenChannel } from '../../machines/ports';
import { sharedClock } from '../../machines/server-time';
import type { SessionSnapshot } from '../../machines/view';
import type { Slot } from './keys';
import { type Message, parseMessage, type Told } from './messages';
import type { Names } from './names';
import type { Observer } from './observer';
import type { Settings } from './options';
import { createPeerTokens } from './peer-token';
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

/** What a running lifecycle has for its peers, and does with what they say. */
export type Neighbour = {
  session(): SessionSnapshot;
  slot(name: string): Slot | undefined;
  /** The longest life of a token that was minted here; `null` before the first. */
  longestMs(): number | null;
  /** Session tokens that are held besides, for other organizations of the same session. */
  beside(slot: Slot): readonly string[];
  tick(): void;
  /** Another tab has a token, and the cache or cookie that all read may hold it. */
  lookForToken(slot: Slot, fingerprint: string): void;
  /** Another tab signed out of this session, with that epoch, and if that is known at that local epoch ms. */
  signedOut(epoch: number | null, at: number | undefined): void;
  /** Whether the origin is in an outage, as a tab says whose token was taken. */
  outage(marked: boolean): void;
  /** An API refused a token, and another tab heard it. */
  rejected(fingerprint: string): void;
};

export type Peers = {
  /** Whether there is somebody to ask for a token. */
  readonly canAsk: boolean;
  tell(message: Told): void;
  tellToken(slot: Slot, to?: string): void;
  /** Listens until the returned function is called. */
  join(neighbour: Neighbour): () => void;
  /** The page may be put into the back/forward cache, which an open channel would end (R10.11). */
  suspend(): void;
  resume(): void;
};

const silent: Peers = {
  canAsk: false,
  tell: () => {},
  tellToken: () => {},
  join: () => () => {},
  suspend: () => {},
  resume: () => {},
};

export function createPeers(deps: Deps): Peers {
  const { settings, names, observer, report, vault } = deps;
  const { channel } = settings;
  if (!channel) return silent;
  const open: TokenChannel = channel;
  const peerTokens = createPeerTokens(deps);
  let neighbour: Neighbour | null = null;

  function tell(message: Told): void {
    if (!neighbour) return;
    report.attempt('channel', 'post', () => open.post({ v: 1, from: settings.tabId, ...message }), undefined);
  }

  function tellToken(slot: Slot, to?: string): void {
    const { held, token, actor, key } = slot;
    if (!neighbour || !held || token === null) return;
    const { signInEpoch } = neighbour.session().context;
    const { clock, outage } = actor.getSnapshot().context;
    const about = { key: names.token(key), epoch: signInEpoch };
    if (!open.carriesTokens) {
      tell({ is: 'notice', ...about, fingerprint: held.fingerprint });
      return;
    }
    tell({
      is: 'token',
      ...about,
      token,
      issuedAt: held.issuedAt,
      expiresAt: held.expiresAt,
      outage: outage.marked,
      ...(to !== undefined && { to }),
      ...(clock.evidence !== 'local' && { offsetMs: clock.offsetMs }),
      ...(held.leadCapMs !== undefined && { leadCapMs: held.leadCapMs }),
    });
  }

  function offer(slot: Slot, message: Extract<Message, { is: 'token' }>, by: Neighbour): void {
    const { signInEpoch } = by.session().context;
    // Of an earlier sign-in: whoever sent it has not heard yet (S7).
    if (message.epoch !== null && message.epoch < signInEpoch) return;
    if (message.to !== undefined && message.to !== settings.tabId) return;
    by.tick();
    const token = peerTokens.read(slot, message, { longestMs: by.longestMs(), beside: by.beside(slot) });
    if (!token) return;
    const clock = message.offsetMs === undefined ? null : sharedClock(message.offsetMs, token.issuedAt);
    slot.actor.send({ type: 'peer.token', token, clock });
    if (slot.held?.generation !== token.generation) vault.drop(token.generation);
    else by.outage(message.outage);
  }

  function hear(arrived: unknown): void {
    const message = parseMessage(arrived);
    const by = neighbour;
    if (!message || !by || message.from === settings.tabId) return;
    const { session } = by.session().context;
    if (!session) return;
    const slot = 'key' in message ? by.slot(message.key) : undefined;
    const isOurs = 'session' in message && message.session === names.sessionPrefix(session.id);
    switch (message.is) {
      case 'token':
        if (slot) offer(slot, message, by);
        break;
      case 'notice':
        if (slot && slot.held?.fingerprint !== message.fingerprint) by.lookForToken(slot, message.fingerprint);
        break;
      case 'ask':
        if (slot && slot.token !== null && observer.now().wallMs < slot.unexpiredUntil) tellToken(slot, message.from);
        break;
      case 'signed-out':
        if (isOurs) by.signedOut(message.epoch, message.at);
        break;
      case 'rejected':
        if (isOurs) by.rejected(message.fingerprint);
        break;
    }
  }

  return {
    canAsk: open.carriesTokens,
    tell,
    tellToken,
    join: (joining) => {
      neighbour = joining;
      const leave = report.attempt(
        'channel',
        'subscribe',
        () => open.subscribe(hear),
        () => {},
      );
      return () => {
        neighbour = null;
        leave();
      };
    },
    suspend: () => report.attempt('channel', 'suspend', () => open.suspend?.(), undefined),
    resume: () => report.attempt('channel', 'resume', () => open.resume?.(), undefined),
  };
}
