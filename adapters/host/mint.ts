/** The `mint` actor: one request to the source, its answer decoded, its failure classed. */
import { fromPromise } from 'xstate';
import type { MintInput, MintOutcome } from '../../machines/events';
import { classifyFailure } from '../../machines/failure';
import type { CredentialSlot, MintRequest, TokenKey } from '../../machines/ports';
import { fingerprint } from '../token/fingerprint';
import { mintedFacts } from './facts';
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
  isSignedOut(): boolean;
  /** Brings the machines up to date before they hear the outcome. */
  tick(): void;
};

export function createMint({ settings, names, observer, record, report, vault, isSignedOut, tick }: Deps) {
  const { source, policy, credential, cache } = settings;
  /** A successor that could not be stored is not lost while the page lives (H06). */
  const successors = new Map<string, string>();

  /** Marked before it is spent, so that a crash in between can be told from a refusal (R5.14). */
  async function spend({ sessionId }: TokenKey): Promise<CredentialSlot> {
    const name = names.credential(sessionId);
    const held = successors.get(name) ?? (await cache.get(name));
    const { wallMs } = observer.now();
    const deadline = wallMs + policy.requestTimeoutMs;
    const owner = fingerprint(`${settings.namespace}:${wallMs}:${observer.look().roll}`);
    const inFlight = { owner, startedAt: wallMs, deadline, credential: held === undefined ? '' : fingerprint(held) };
    await record.update((now) => ({ ...now, inFlight }));
    return {
      read: async () => held,
      commit: async (next) => {
        // Signed out meanwhile: no secret is kept of a session that is over (S7).
        if (isSignedOut()) return;
        successors.set(name, next);
        const lasting = { expiresAt: Number.MAX_SAFE_INTEGER };
        const stored = await report.settle('cache', 'set', () => cache.set(name, next, lasting));
        if (stored.ok) successors.delete(name);
      },
    };
  }
  const answered = (): void => {
    if (!isSignedOut()) void record.update(({ inFlight: _, ...rest }) => rest);
  };

  function requestFor(input: MintInput, signal: AbortSignal, slot: CredentialSlot | null): MintRequest {
    const lastToken = input.present === null ? undefined : vault.get(input.present);
    return {
      key: input.key,
      signal,
      attempt: input.attempt,
      deadline: input.startedAt.wallMs + policy.requestTimeoutMs,
      cause: input.cause,
      presence: input.presence,
      lease: null,
      ...(lastToken !== undefined && { lastToken }),
      ...(slot && { credential: slot }),
    };
  }

  return fromPromise<MintOutcome, MintInput>(async ({ input, signal }) => {
    const rotating = credential.kind === 'rotating';
    const sentAt = input.startedAt;
    try {
      const slot = rotating ? await spend(input.key) : null;
      // Signed out, switched or stopped while the mark was written: nothing is sent any more (S7).
      if (signal.aborted) return { is: 'failed', failure: { class: 'aborted' } };
      const result = await source.mint(requestFor(input, signal, slot));
      if (rotating) answered();
      tick();
      const token = mintedFacts(result, sentAt, observer.now(), vault);
      if (signal.aborted) vault.drop(token.generation);
      return { is: 'minted', token };
    } catch (thrown) {
      tick();
      const offline = observer.wasOfflineSince(sentAt);
      const failure = classifyFailure(thrown, { policy, offline, timedOut: signal.aborted, rotating });
      if (rotating && failure.class !== 'ambiguous') answered();
      return { is: 'failed', failure };
    }
  });
}
