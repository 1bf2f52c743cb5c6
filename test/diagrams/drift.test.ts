import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagrams } from '../../docs/diagrams/files';
import { parts } from '../../docs/diagrams/parts';

const folder = new URL('../../docs/diagrams/', import.meta.url);
const kept = readdirSync(folder).filter((name) => name.endsWith('.svg'));
let drawn: ReadonlyMap<string, string>;

beforeAll(async () => {
  drawn = await diagrams();
});

describe('the diagrams in docs/diagrams', () => {
  it('are all drawn by the script, and none is missing', () => {
    expect(kept).toEqual([...drawn.keys()].sort());
    expect(kept).toHaveLength(parts.length + 1);
  });

  it.each(kept)('%s is what the machines give today: `npm run diagrams` writes it anew', (name) => {
    expect(readFileSync(new URL(name, folder), 'utf8')).toBe(drawn.get(name));
  });

  it('are all shown in the README beside them, and the overview in that of the project', () => {
    const beside = readFileSync(new URL('README.md', folder), 'utf8');
    expect(kept.filter((name) => !beside.includes(`](${name})`))).toEqual([]);
    expect(readFileSync(new URL('../../README.md', folder), 'utf8')).toContain('](docs/diagrams/overview.svg)');
  });
});
