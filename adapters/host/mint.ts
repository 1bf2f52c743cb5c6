/** The `mint` actor: one request to the source, its answer decoded, its failure classed. */
import type { MintInput } from '../../machines/events';
import { classifyFailure } from '../../machines/failure';
import { keyId } from '../../machines/key';
import type { CredentialSlot, Lease, MintRequest, SharedRecord } from '../../machines/ports';
import type { Credentials, Spending } from './credential';
import { mintedFacts } from './facts';
import type { Work } from './hosted';
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
  readonly record: RecordKeeper;
  readonly report: Report;
  readonly vault: Vault;
  readonly credentials: Credentials;
  /** The lock that the key's mint runs under. */
  lease(key: string): Lease | null;
  /** Before its token has expired nothing is sent again that may be spent. */
  isWorthWaiting(key: string): boolean;
  /** The record was read or written: the machines hear of it. */
  tell(record: SharedRecord): void;
  /** The source asked for it, over this key or another, here or in another tab. */
  isLeftAlone(): boolean;
  /** Brings the machines up to date before they hear the outcome of this key's mint. */
  tick(answered: string): void;
};

export function createMint(deps: Deps): Work['mint'] {
  const { settings, observer, record, vault, credentials, lease, isWorthWaiting, isLeftAlone, tell, tick } = deps;
  const { source, policy, credential } = settings;

  function requestFor(input: MintInput, signal: AbortSignal, slot: CredentialSlot | null): MintRequest {
    const lastToken = input.present === null ? undefined : vault.get(input.present);
    return {
      key: input.key,
      signal,
      attempt: input.attempt,
      deadline: input.startedAt.wallMs + policy.requestTimeoutMs,
      cause: input.cause,
      presence: input.presence,
      lease: lease(keyId(input.key)),
      ...(lastToken !== undefined && { lastToken }),
      ...(slot && { credential: slot }),
    };
  }

  return async ({ input, signal }) => {
    const isRotating = credential.kind === 'rotating';
    const sentAt = input.startedAt;
    const id = keyId(input.key);
    const held = lease(id);
    let spending: Spending | null = null;
    let isSent = false;
    try {
      // Repeated at once after an answer that was lost: the lock may be somebody else's by now, and so is the credential.
      if (isRotating && held?.signal.aborted) throw new LeaseLost();
      spending = isRotating ? await credentials.spend(input.key.sessionId, held !== null, signal) : null;
      if (spending && record.known) tell(record.known);
      // Signed out, switched or stopped while the mark was written, or the lock was lost: nothing is sent any more (S7).
      if (signal.aborted) {
        spending?.answered('unseen');
        return { is: 'failed', failure: { class: 'aborted' } };
      }
      if (held?.signal.aborted) throw new LeaseLost();
      // The network went away while a slow store was written to: nothing is sent that could not be answered (S10).
      if (!observer.isOnline()) throw new NotSent();
      // Nor is anything while the source wants to be left alone, as another key or tab was told meanwhile.
      if (spending && isLeftAlone()) {
        spending.answered('unseen');
        return { is: 'failed', failure: { class: 'rate-limited' } };
      }
      // Repeated at once, or handing in the last token: the turn for it was given while a second time was forgiven (R5.16).
      if (spending?.isDoubtful && isWorthWaiting(id)) {
        spending.answered('unseen');
        return { is: 'failed', failure: { class: 'ambiguous' } };
      }
      isSent = true;
      const request = requestFor(input, signal, spending?.slot ?? null);
      const result = await source.mint(request);
      spending?.answered(request.lastToken === undefined ? 'minted' : 'from-last-token');
      // Another tab may have gone on with the lock: what came late is not committed (R10.6).
      if (held?.signal.aborted) throw new LeaseLost();
      tick(id);
      const token = mintedFacts(result, sentAt, observer.now(), vault);
      // One that never ends is refused as soon as it has told the time (R7.5, R9.3).
      const isEndless = token.expiresAt === null && token.expiresInMs === null;
      if (signal.aborted || isEndless) vault.drop(token.generation);
      return { is: 'minted', token };
    } catch (thrown) {
      tick(id);
      const offline = observer.wasOfflineSince(sentAt);
      // What was not sent, or was answered, is not ambiguous.
      const rotating = isRotating && isSent && !(thrown instanceof LeaseLost);
      const failure = classifyFailure(thrown, { policy, offline, timedOut: signal.aborted, rotating });
      if (failure.class !== 'ambiguous') spending?.answered('unseen');
      return { is: 'failed', failure };
    }
  };
}

class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly code = 'offline';
}

class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly code = 'lease_lost';
}
