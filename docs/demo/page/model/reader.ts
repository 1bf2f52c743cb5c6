import { type TokenLifecycle, TokenLifecycleError } from '../../../../index';
import { createStore, type Store } from '../../store';
import { fingerprint } from './cookie';
import { duration } from './format';
import type { Network } from './network';

export type Readings = {
  /** What `getToken()` gave, and how fast. */
  readonly read: string;
  readonly answer: string;
  readonly verified: number;
  readonly refused: number;
  readonly without: number;
};

export type Reader = {
  readonly readings: Store<Readings>;
  /** Calls the API once. While a call is under way, a second one is none. */
  call(): Promise<void>;
};

type ApiAnswer = { claims?: { sub?: string }; errors?: { code: string }[] };

const codeOf = (error: unknown): string =>
  TokenLifecycleError.is(error) ? error.code : error instanceof Error ? 'no answer' : 'unknown';

/** A reader like any in an application: it asks for a token, and calls an API with it. */
export function createReader(tokens: TokenLifecycle, network: Network): Reader {
  const readings = createStore<Readings>({ read: '–', answer: '–', verified: 0, refused: 0, without: 0 });
  const note = (change: Partial<Readings>): void => readings.set({ ...readings.get(), ...change });
  const count = (which: 'verified' | 'refused' | 'without', answer: string): void =>
    note({ answer, [which]: readings.get()[which] + 1 });
  let busy = false;

  async function getToken(): Promise<string | null> {
    const before = performance.now();
    const took = (): string => duration(performance.now() - before);
    try {
      const token = await tokens.getToken();
      const ms = took();
      note({ read: token === null ? `null in ${ms}` : `token ${await fingerprint(token)} in ${ms}` });
      return token;
    } catch (error) {
      note({ read: `${codeOf(error)} after ${took()}` });
      return null;
    }
  }

  async function ask(): Promise<void> {
    const token = await getToken();
    if (token === null) return count('without', 'not called: no token');
    try {
      const response = await network.fetch('/api/me', { headers: { authorization: `Bearer ${token}` } });
      const body = (await response.json()) as ApiAnswer;
      if (response.status === 401) tokens.reportRejected(token);
      if (response.ok) count('verified', `${response.status}, verified: ${body.claims?.sub}`);
      else count('refused', `${response.status}, ${body.errors?.[0]?.code}`);
    } catch {
      note({ answer: 'no answer: the network is cut' });
    }
  }

  return {
    readings,
    call: async () => {
      if (busy) return;
      busy = true;
      await ask().finally(() => {
        busy = false;
      });
    },
  };
}
