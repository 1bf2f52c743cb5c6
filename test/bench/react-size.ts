/** What each hook costs in a bundle, with React left out: `tsx test/bench/react-size.ts`. */
import Table from 'cli-table3';
import { measured, sizeOf } from '../react/support/size';

const table = new Table({ head: ['', 'min', 'min + gzip'], colAligns: ['left', 'right', 'right'] });
for (const [label, names] of Object.entries(measured)) {
  const { minified, zipped } = await sizeOf(names);
  table.push([label, `${minified} B`, `${zipped} B`]);
}
console.log(table.toString());
