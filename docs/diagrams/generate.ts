/** `npm run diagrams`: draws the machines anew. */
import { writeFileSync } from 'node:fs';
import { diagrams } from './files';

for (const [name, svg] of await diagrams()) {
  writeFileSync(new URL(name, import.meta.url), svg);
  console.log(`${name}: ${svg.split('\n').length} lines`);
}
