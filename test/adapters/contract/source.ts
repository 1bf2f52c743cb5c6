/**
 * What every token source has to do, whatever it talks to. Run it against your own:
 * `sourceContract('mySource', async () => ({ source, server, close }))`.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidTokenError, TokenLifecycleError, TokenRequestError } from '../../../machines/errors';
import type { MintRequest, TokenSource } from '../../../machines/ports';
import { everythingIn, failureOf, mintRequest } from '../source/mint-request';

/** What the server does with every request from now on. */
export type ServerBehaviour =
  | { readonly does: 'mint'; readonly token: string }
  | { readonly does: 'refuse'; readonly status: number; readonly code?: string; readonly retryAfterSeconds?: number }
  /** Says that the session of the request is over, in the server's own way. */
  | { readonly does: 'end-session' }
  | { readonly does: 'answer-without-token' }
  | { readonly does: 'hang' }
  | { readonly does: 'drop' };

export type SourceHarness = {
  readonly source: TokenSource;
  behave(behaviour: ServerBehaviour): void;
  /** Resolves once a request has arrived, for cases that act while one is open. */
  arrived(): Promise<void>;
  /** Every request line so far: method, path and query. */
  requestLines(): readonly string[];
  close(): Promise<void>;
};

const token = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJjb250cmFjdCJ9.c2lnbmF0dXJl';

/**
 * @param name the title of the suite
 * @param make a source with a scripted server of its own; called before each case
 * @param request changes to the mint request that the source needs, such as a credential slot
 */
export function sourceContract(
  name: string,
  make: () => Promise<SourceHarness>,
  request: () => Partial<MintRequest> = () => ({}),
): void {
  describe(`${name}: contract of a token source`, () => {
    let harness: SourceHarness;
    const mint = (changes: Partial<MintRequest> = {}) => harness.source.mint(mintRequest({ ...request(), ...changes }));

    beforeEach(async () => {
      harness = await make();
    });
    afterEach(() => harness.close());

    it('§5 resolves with the token that was minted', async () => {
      harness.behave({ does: 'mint', token });
      expect((await mint()).token).toBe(token);
    });

    it('§5 asks the server anew each time', async () => {
      harness.behave({ does: 'mint', token: `${token}1` });
      await mint();
      harness.behave({ does: 'mint', token: `${token}2` });
      expect((await mint()).token).toBe(`${token}2`);
    });

    it.each([400, 401, 403, 408, 422, 429, 500, 503])('§5 rejects a %i with its status', async (status) => {
      harness.behave({ does: 'refuse', status });
      const error = await failureOf(mint());
      expect(TokenRequestError.is(error)).toBe(true);
      expect(error).toMatchObject({ status });
    });

    it('§5 hands on the code of a refusal', async () => {
      harness.behave({ does: 'refuse', status: 422, code: 'missing_expired_token' });
      expect(await failureOf(mint())).toMatchObject({ status: 422, serverCode: 'missing_expired_token' });
    });

    it('§5 hands on how long the server wants to be left alone, in ms', async () => {
      harness.behave({ does: 'refuse', status: 429, retryAfterSeconds: 120 });
      expect(await failureOf(mint())).toMatchObject({ status: 429, retryAfterMs: 120_000 });
    });

    it('§5 rejects without a status where no answer came', async () => {
      harness.behave({ does: 'drop' });
      const error = await failureOf(mint());
      expect(TokenRequestError.is(error)).toBe(true);
      expect(error).toMatchObject({ status: undefined, serverCode: undefined });
    });

    it('S2 never resolves without a token', async () => {
      harness.behave({ does: 'answer-without-token' });
      expect(InvalidTokenError.is(await failureOf(mint()))).toBe(true);
    });

    it('L1 settles when the signal is aborted', async () => {
      harness.behave({ does: 'hang' });
      const abort = new AbortController();
      const failure = failureOf(mint({ signal: abort.signal }));
      await harness.arrived();
      abort.abort();
      expect(await failure).toMatchObject({ status: undefined });
    });

    it('S7 sends nothing under a signal that was aborted before', async () => {
      harness.behave({ does: 'mint', token });
      await failureOf(mint({ signal: AbortSignal.abort() }));
      expect(harness.requestLines()).toEqual([]);
    });

    it('S11 keeps the last token out of URLs and errors', async () => {
      harness.behave({ does: 'refuse', status: 500, code: token });
      const error = await failureOf(mint({ lastToken: token }));
      expect(harness.requestLines()).toHaveLength(1);
      expect(harness.requestLines().join()).not.toContain(token);
      expect(everythingIn(error)).not.toContain(token);
    });

    const session = (signal = new AbortController().signal) => ({ sessionId: 'sess_1', signal });

    it('T14 says gone where the server says so', async ({ skip }) => {
      const { source } = harness;
      if (!source.checkSession) return skip('nobody to ask');
      harness.behave({ does: 'end-session' });
      expect(await source.checkSession(session())).toBe('gone');
    });

    const unclear: ServerBehaviour[] = [
      { does: 'refuse', status: 503 },
      { does: 'refuse', status: 404 },
      { does: 'drop' },
    ];
    it.each(unclear)('T15 draws no verdict from $does $status', async (behaviour) => {
      const { source } = harness;
      // Nobody to ask is no verdict either.
      harness.behave(behaviour);
      expect(await (source.checkSession?.(session()) ?? 'unknown')).toBe('unknown');
    });

    it('L1 settles a question when the signal is aborted, without a verdict', async ({ skip }) => {
      const { source } = harness;
      if (!source.checkSession) return skip('nobody to ask');
      harness.behave({ does: 'hang' });
      const abort = new AbortController();
      const outcome = Promise.allSettled([source.checkSession(session(abort.signal))]);
      await harness.arrived();
      abort.abort();
      expect((await outcome)[0]).not.toMatchObject({ value: 'gone' });
      expect((await outcome)[0]).not.toMatchObject({ value: 'active' });
    });

    it('L1 settles a revocation when the signal is aborted', async ({ skip }) => {
      const { source } = harness;
      if (!source.revoke) return skip('nothing to revoke');
      harness.behave({ does: 'hang' });
      const abort = new AbortController();
      const failure = failureOf(source.revoke(session(abort.signal)));
      await harness.arrived();
      abort.abort();
      expect(TokenLifecycleError.is(await failure)).toBe(true);
    });
  });
}
