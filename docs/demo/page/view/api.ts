import { type TokenLifecycle, TokenLifecycleError } from '../../../../index';

import type { Network } from '../network';
import { fingerprint } from './cookie';
import { find, slot } from './dom';
import { duration } from './format';

type ApiAnswer = { claims?: { sub?: string }; errors?: { code: string }[] };

const codeOf = (error: unknown): string =>
  TokenLifecycleError.is(error) ? error.code : error instanceof Error ? 'no answer' : 'unknown';

/** A reader like any in an application: it asks for a token, and calls an API with it. */
export function createApiView(tokens: TokenLifecycle, network: Network): void {
  const read = slot('api-read');
  const answer = slot('api-answer');
  const tally = slot('api-tally');
  const count = { verified: 0, refused: 0, without: 0 };
  let timer: ReturnType<typeof setInterval> | undefined;
  let busy = false;

  async function getToken(): Promise<string | null> {
    const before = performance.now();
    try {
      const token = await tokens.getToken();
      const took = duration(performance.now() - before);
      read(token === null ? `null in ${took}` : `token ${await fingerprint(token)} in ${took}`);
      return token;
    } catch (error) {
      read(`${codeOf(error)} after ${duration(performance.now() - before)}`);
      return null;
    }
  }

  async function call(): Promise<void> {
    const token = await getToken();
    if (token === null) {
      count.without += 1;
      answer('not called: no token');
      return;
    }
    try {
      const response = await network.fetch('/api/me', { headers: { authorization: `Bearer ${token}` } });
      const body = (await response.json()) as ApiAnswer;
      count[response.ok ? 'verified' : 'refused'] += 1;
      if (response.status === 401) tokens.reportRejected(token);
      answer(`${response.status}, ${response.ok ? `verified: ${body.claims?.sub}` : body.errors?.[0]?.code}`);
    } catch {
      answer('no answer: the network is cut');
    }
  }

  async function callOnce(): Promise<void> {
    if (busy) return;
    busy = true;
    await call();
    busy = false;
    tally(`${count.verified} verified, ${count.refused} refused, ${count.without} without a token`);
  }

  find('#call-api').addEventListener('click', () => void callOnce());
  const often = find<HTMLInputElement>('#call-often');
  often.addEventListener('change', () => {
    clearInterval(timer);
    timer = often.checked ? setInterval(() => void callOnce(), 1000) : undefined;
    if (often.checked) void callOnce();
  });
}
