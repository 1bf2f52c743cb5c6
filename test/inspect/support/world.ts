/** Faulty worlds whose every secret is known. */
import type { InspectionEvent } from 'xstate';
import { planSchedule, runSchedule } from '../../../adapters/testing';
import { createTokenLifecycle } from '../../../index';
import type { CredentialSlot, TokenCache, TokenSource } from '../../../machines/ports';

/** Notes what passes a source: tokens, single-use credentials, also of answers that nobody accepts. */
function listenTo(source: TokenSource, note: (secret: unknown) => void): TokenSource {
  const slot = (inner: CredentialSlot): CredentialSlot => ({
    ...inner,
    read: async () => {
      const secret = await inner.read();
      note(secret);
      return secret;
    },
    commit: (next) => {
      note(next);
      return inner.commit(next);
    },
  });
  return {
    ...source,
    mint: async (request) => {
      const { credential } = request;
      const result = await source.mint({ ...request, ...(credential && { credential: slot(credential) }) });
      note(result.token);
      return result;
    },
  };
}

const listenToCache = (cache: TokenCache, note: (secret: unknown) => void): TokenCache => ({
  ...cache,
  set: (key, value, options) => {
    note(value);
    return cache.set(key, value, options);
  },
});

export type Troubled = { readonly seed: number; readonly credential: 'ambient' | 'reusable' | 'rotating' };

/** Plays the world of a seed, every tab inspected. Gives the secrets that came up in it. */
export async function playWorld({ seed, credential }: Troubled, inspect: (event: InspectionEvent) => void) {
  const secrets = new Set<string>();
  const note = (secret: unknown): void => {
    if (typeof secret === 'string' && secret.length >= 16) secrets.add(secret);
  };
  const { setting, ...plan } = planSchedule(seed, { longestMs: 600_000, maxTabs: 3 });
  const reuseGraceMs = credential === 'rotating' ? 10_000 : 0;
  await runSchedule(
    { ...plan, setting: { ...setting, credential, reuseGraceMs, cache: 'shared' } },
    {
      recover: false,
      world: {
        lifecycle: () => ({ inspect }),
        createLifecycle: (options) =>
          createTokenLifecycle({
            ...options,
            source: listenTo(options.source, note),
            ...(options.cache && { cache: listenToCache(options.cache, note) }),
          }),
      },
    },
  );
  return [...secrets];
}
