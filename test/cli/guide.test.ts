/** What docs/guides/terminal.md shows is what the commands print. `npm run docs` writes it anew. */
import { describe, expect, it } from 'vitest';
import { readText } from '../house/support/sources';
import { files } from './guide-inputs';
import { say } from './support';

const guide = readText('docs/guides/terminal.md');
const blocks = [...guide.matchAll(/(```console\n\$ npx token-lifecycle (.*)\n)[\s\S]*?```/g)];

const withoutEnds = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

async function printed(line: string): Promise<string> {
  const [command = '', file = ''] = line.split(' < ');
  const { out, err } = await say(command.split(' '), { stdin: files[file] ?? '' });
  expect(err).toBe('');
  return withoutEnds(out);
}

describe('the guide to the terminal', () => {
  it('R15.1 R15.2 shows both commands', () => {
    const commands = blocks.map(([, , line = '']) => line.split(' ')[0]);
    expect(commands.filter((command) => command === 'simulate').length).toBeGreaterThan(2);
    expect(commands.filter((command) => command === 'inspect').length).toBeGreaterThan(1);
  });

  it('R15.1 R15.2 shows what they print', async () => {
    let filled = guide;
    for (const [block, head = '', line = ''] of blocks) {
      const output = await printed(line);
      filled = filled.replace(block, () => `${head}${output}\`\`\``);
    }
    await expect(filled).toMatchFileSnapshot('../../docs/guides/terminal.md');
  });
});
