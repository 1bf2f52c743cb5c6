/** What docs/guides/inspect.md says is true of the code. */
import { describe, expect, it } from 'vitest';
import { createTokenInspector, type TokenInspectorOptions } from '../../adapters/inspect';
import { cleanText } from '../../adapters/inspect/redact/text';
import { readText } from '../house/support/sources';
import { snippetFaults, snippetsIn } from '../support/snippets';

const guide = readText('docs/guides/inspect.md');

describe('the guide to the inspector', () => {
  it('issue 5 has examples that compile', { timeout: 120_000 }, () => {
    const snippets = snippetsIn(guide);
    expect(snippets).toHaveLength(7);
    // With one that does not: to compile takes long, and once tells both.
    const bad = "import { nothing } from 'token-lifecycle/inspect';\nnothing();";
    expect(snippetFaults([...snippets, bad])).toEqual([expect.stringContaining("no exported member 'nothing'")]);
  });

  it('issue 5 lists the options that there are', () => {
    const table = guide.slice(guide.indexOf('## Options'));
    const listed = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect(() => createTokenInspector({ to: 'window', none: 1 } as TokenInspectorOptions)).toThrow(
      `there are ${listed.join(', ')}`,
    );
  });

  it('S11 shows a redaction as it looks', () => {
    expect(guide).toContain(`\`${cleanText('test', 'secret')}\``);
  });
});
