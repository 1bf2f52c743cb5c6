/** What docs/guides/redis.md says is true of the code. */
import { describe, expect, it } from 'vitest';
import { createCommands } from '../../adapters/redis/client';
import { readText } from '../house/support/sources';
import { snippetFaults, snippetsIn } from '../support/snippets';

const guide = readText('docs/guides/redis.md');

describe('the guide to Redis', () => {
  it('H06 has examples that compile', { timeout: 60_000 }, () => {
    const snippets = snippetsIn(guide);
    expect(snippets.length).toBeGreaterThan(0);
    expect(snippetFaults(snippets)).toEqual([]);
  });

  it('H06 names the options that there are', () => {
    const table = guide.slice(guide.indexOf('Options that all three have'), guide.indexOf('## `redisStore`'));
    const listed = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    const client = { call: async () => null };
    expect(() => createCommands('redisStore', { client, none: 1 } as { client: typeof client })).toThrow(
      `there are ${listed.join(', ')}`,
    );
  });
});
