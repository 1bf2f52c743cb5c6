/** What docs/guides/server.md says is true of the code. */
import { describe, expect, it } from 'vitest';
import { readText } from '../house/support/sources';
import { asUserHas, snippetFaults, snippetsIn } from '../support/snippets';

const guide = readText('docs/guides/server.md');
const snippets = snippetsIn(guide);

/** Not installed here; what the example uses of it. */
const next = `export declare class NextResponse extends Response {
  static next(init: { request: { headers: Headers } }): NextResponse;
}`;

/** Snippets that others import, by the name under which they do. */
const named: Readonly<Record<string, (text: string) => boolean>> = {
  'hono.ts': (text) => text.includes('createMiddleware'),
  'express.ts': (text) => text.includes('export function toRequest'),
};

const faults = (texts: readonly string[]): string[] =>
  snippetFaults(texts, {
    nameOf: (text, at) => Object.keys(named).find((name) => named[name]?.(text)) ?? `snippet-${at}.ts`,
    files: { 'next-server.d.ts': next },
    paths: { 'next/server': 'next-server.d.ts' },
    compiler: { exactOptionalPropertyTypes: true },
  });

describe('the guide to servers', () => {
  it('has examples that compile', { timeout: 120_000 }, () => {
    expect(snippets).toHaveLength(11);
    expect(faults(snippets)).toEqual([]);
  });

  it.each(['hono', 'express'])('shows the %s example as it is tested', (name) => {
    expect(snippets).toContain(asUserHas(`docs/examples/server-${name}/authentication.ts`));
  });

  it('lists every reason, and none that there is not', () => {
    const defined = readText('machines/handshake/reasons.ts').match(/'[a-z-]+'/g) ?? [];
    const hindrances = ['no-refresh-credential', 'method', 'prefetch', 'read-only'];
    const known = new Set(defined.map((text) => text.slice(1, -1)).filter((text) => !hindrances.includes(text)));
    const table = guide.slice(guide.indexOf('## Reasons'));
    const listed = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1] ?? '');
    expect([...listed].sort()).toEqual([...known].sort());
    for (const one of hindrances) expect(table).toContain(`\`${one}\``);
  });
});

describe('the gate on examples bites', () => {
  it('on a name that the entry does not export', { timeout: 120_000 }, () => {
    expect(faults(["import { nothing } from 'token-lifecycle/server';\nnothing();"])).toEqual([
      expect.stringContaining("no exported member 'nothing'"),
    ]);
  });
});
