import { inspect } from 'node:util';
import type { MintRequest } from '../../../machines/ports';

/** A mint as the lifecycle asks for it, with what a test cares about. */
export function mintRequest(changes: Partial<MintRequest> = {}): MintRequest {
  return {
    key: { sessionId: 'sess_1' },
    signal: new AbortController().signal,
    attempt: 1,
    deadline: Date.now() + 10_000,
    cause: 'read',
    presence: 'focused',
    lease: null,
    ...changes,
  };
}

/** What `work` rejects with; fails the test where it does not. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  if ('thrown' in outcome) return outcome.thrown;
  throw new Error(`expected a rejection, got ${typeof outcome.value}`);
}

/** Everything that a logger could get out of an error, hidden properties and causes too. */
export function everythingIn(error: unknown): string {
  const own = error instanceof Error ? JSON.stringify(Object.getOwnPropertyDescriptors(error)) : '';
  return [inspect(error, { depth: null, showHidden: true }), JSON.stringify(error), own, String(error)].join('\n');
}
