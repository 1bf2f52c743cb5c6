/** Reads that leave a mark in the trace, and never an unhandled rejection. */
import { TokenLifecycleError, TokenRequestError } from '../../../machines/errors';
import { keyOf } from '../../../machines/key';
import type { GetTokenOptions, TokenLifecycle } from '../../host/types';
import type { Process } from './process';
import type { Recorder } from './recorder';

export type ReadOutcome =
  | { readonly is: 'token'; readonly token: string; readonly at: number }
  | { readonly is: 'null'; readonly at: number }
  | { readonly is: 'error'; readonly error: unknown; readonly at: number };

/** A read that was asked. `at` in true ms since the world began. */
export type Read = {
  readonly id: number;
  readonly at: number;
  /** `null` while it waits; a tab that is closed never settles it. */
  readonly outcome: ReadOutcome | null;
};

type Page = { readonly index: number; readonly process: Process; readonly tokens: TokenLifecycle };

export function createReader(recorder: Recorder, serverNow: () => number) {
  const { note, eyes, at } = recorder;
  let lastId = 0;

  function noteRead({ index, tokens }: Page, kind: 'plain' | 'forced' | 'peek', options: GetTokenOptions): number {
    lastId += 1;
    const { sessionId, organizationId } = tokens.getState();
    const { timeoutMs = null } = options;
    const key = sessionId === null ? null : keyOf({ id: sessionId, organizationId }, options);
    note(index, { is: 'read', id: lastId, kind, key, timeoutMs });
    return lastId;
  }

  function noteSettled(page: Page, id: number, result: { value: unknown } | { error: unknown }): ReadOutcome {
    const serverTime = { serverNow: serverNow() };
    if ('error' in result) {
      const { error } = result;
      const code = TokenLifecycleError.is(error) ? error.code : 'foreign';
      const failure = TokenRequestError.is(error) ? (error.failure ?? null) : null;
      note(page.index, { is: 'settled', id, outcome: 'error', value: null, code, failure, ...serverTime });
      return { is: 'error', error, at: at() };
    }
    const { value } = result;
    const outcome = value === null ? 'null' : 'token';
    const seen = value === null ? null : eyes.value(value);
    note(page.index, { is: 'settled', id, outcome, value: seen, code: null, failure: null, ...serverTime });
    return value === null ? { is: 'null', at: at() } : { is: 'token', token: String(value), at: at() };
  }

  return {
    read: (page: Page, options: GetTokenOptions): Read => {
      const id = noteRead(page, options.skipCache ? 'forced' : 'plain', options);
      const read: { id: number; at: number; outcome: ReadOutcome | null } = { id, at: at(), outcome: null };
      page.process
        .gate(page.tokens.getToken(options))
        .then(
          (value) => noteSettled(page, id, { value }),
          (error: unknown) => noteSettled(page, id, { error }),
        )
        .then((outcome) => {
          read.outcome = outcome;
        });
      return read;
    },
    peek: (page: Page, options: GetTokenOptions): string | null => {
      const id = noteRead(page, 'peek', options);
      const value = page.tokens.peek(options);
      noteSettled(page, id, { value });
      return value;
    },
  };
}

export type Reader = ReturnType<typeof createReader>;
