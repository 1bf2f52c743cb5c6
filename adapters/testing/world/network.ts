/** The network between tabs and server: a request travels, is served, and its answer travels back. Each step can be lost. */
import type { Clock, MintCause, PresenceLevel } from '../../../machines/ports';
import type { Fetch } from '../../source/http-options';
import { leakIn } from '../see';
import type { TokenServer } from '../token-server/create';
import { abortReason, networkFailure, toResponse } from '../token-server/fetch';
import type { Reception } from '../token-server/receive';
import { operationAt, pathOf, readAsked } from '../token-server/request';
import type { NetworkFault, WorldFaults } from './faults';
import type { Process } from './process';
import type { Recorder } from './recorder';

type Shared = { readonly clock: Clock; readonly faults: WorldFaults; readonly recorder: Recorder };

/** A tab's way out. */
export type Link = {
  readonly tab: number;
  readonly process: Process;
  /** Whether packets get through. */
  isConnected(): boolean;
  /** What the platform says. */
  isOnline(): boolean;
};

const nothing = { status: null, retryAfterMs: null, token: null };

export function createNetwork({ clock, faults, recorder }: Shared, server: TokenServer, latencyMs: number) {
  const { note } = recorder;
  let lastId = 0;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimeout(resolve, ms);
    });

  function noteRequest(link: Link, id: number, url: string, body: string): void {
    const path = pathOf(url);
    const op = operationAt(path) ?? 'mint';
    const { recorded } = readAsked(op, { url, method: 'POST', body }, 0);
    note(link.tab, {
      is: 'request',
      id,
      op,
      url: path,
      key: recorded.key,
      cause: recorded.cause satisfies MintCause | null,
      presence: recorded.presence satisfies PresenceLevel | null,
      attempt: recorded.attempt,
      presented: recorded.presented,
      credential: recorded.credential,
      online: link.isOnline(),
      connected: link.isConnected(),
    });
    const leaked = leakIn(url);
    if (leaked !== null) note(link.tab, { is: 'leak', where: 'URL', fingerprint: leaked });
  }

  function noteServed(id: number, { by, did }: Reception): void {
    note(null, {
      is: 'served',
      id,
      by,
      status: did?.status ?? null,
      code: did?.code ?? null,
      retryAfterMs: did?.retryAfterMs ?? null,
      token: did?.token ?? null,
      verdict: did?.verdict ?? null,
      reused: did?.reused ?? false,
    });
  }

  function noteFault(link: Link, fault: NetworkFault): void {
    const { lose, upMs, downMs } = fault;
    const name = lose ? `${lose} lost` : upMs !== undefined || downMs !== undefined ? 'slow network' : null;
    if (name) note(link.tab, { is: 'fault', fault: name });
  }

  /** `null`: lost on the way there or back. */
  async function travel(link: Link, id: number, call: { url: string; body: string }, fault: NetworkFault) {
    const { upMs = latencyMs / 2, downMs = latencyMs / 2, lose } = fault;
    await wait(upMs);
    if (lose === 'request' || !link.isConnected()) return null;
    const reception = await server.receive({ ...call, method: 'POST' });
    if (reception.by !== 'unreachable') noteServed(id, reception);
    if (reception.ends === 'never') return new Promise<never>(() => {});
    await wait(reception.afterMs + downMs);
    return lose === 'response' || reception.ends === 'break' || !link.isConnected() ? null : reception;
  }

  return (link: Link): Fetch =>
    (url, init) => {
      const { process, tab } = link;
      if (process.state === 'dead') return new Promise(() => {});
      lastId += 1;
      const id = lastId;
      const body = typeof init.body === 'string' ? init.body : '';
      noteRequest(link, id, url, body);
      if (!link.isConnected()) {
        note(tab, { is: 'answer', id, outcome: 'failed', ...nothing });
        return Promise.reject(networkFailure());
      }
      const fault = faults.network?.({ tab, op: operationAt(pathOf(url)) ?? 'mint', id }) ?? {};
      noteFault(link, fault);

      return new Promise((resolve, reject) => {
        const { signal } = init;
        let left = false;
        const leave = (): void => {
          if (process.state === 'dead') return;
          left = true;
          note(tab, { is: 'answer', id, outcome: 'aborted', ...nothing });
          reject(signal ? abortReason(signal) : networkFailure());
        };
        const arrive = (reception: Reception | null): void => {
          // Nobody hears that nothing came.
          if (!reception && (left || fault.loss === 'hangs')) return;
          signal?.removeEventListener('abort', leave);
          if (!reception) {
            note(tab, { is: 'answer', id, outcome: 'failed', ...nothing });
            reject(networkFailure());
            return;
          }
          const { status = null, retryAfterMs = null, token = null } = reception.did ?? {};
          note(tab, { is: 'answer', id, outcome: left ? 'late' : 'answered', status, retryAfterMs, token });
          if (!left) resolve(toResponse(reception));
        };
        if (signal?.aborted) return leave();
        signal?.addEventListener('abort', leave);
        travel(link, id, { url, body }, fault).then((reception) => process.task(() => arrive(reception)), reject);
      });
    };
}
