/** The OAuth entry needs a web platform, oauth4webapi and nothing else. */
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { packagesBehind } from '../house/support/arrows';
import { readSources, root } from '../house/support/sources';

/** What a bundle of `contents` would have to find on the platform. */
async function wantedBy(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*', 'crypto'],
    logLevel: 'silent',
  });
  return Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ path, external }) => external && isBuiltin(path)).map(({ path }) => path),
  );
}

describe('token-lifecycle/oauth', () => {
  it('R13.1 brings oauth4webapi along, and no Node built-in', async () => {
    expect(packagesBehind('adapters/oauth/index.ts', readSources('machines', 'adapters'))).toEqual(['oauth4webapi']);
    const entry = join(root, 'adapters/oauth/index.ts');
    expect(await wantedBy(`export * from ${JSON.stringify(entry)};`)).toEqual([]);
    expect(await wantedBy("import 'node:fs'; import 'crypto';")).toEqual(['node:fs', 'crypto']);
  });
});
