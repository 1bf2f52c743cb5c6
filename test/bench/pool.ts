/** What 100,000 sessions in one process cost: `npm run bench:pool`. Prints the table of docs/guides/pool.md. */
import { measurePool } from '../pool/support/measure';

const cost = await measurePool(100_000, 1_500, 2_000_000);
const number = new Intl.NumberFormat('en');
const lines: readonly (readonly [string, number])[] = [
  ['sessions', cost.sessions],
  ['a token (bytes)', cost.tokenBytes],
  ['an idle session beside its token (bytes of heap)', cost.idleBytes],
  ['the same after a refresh', cost.refreshedBytes],
  ['timers while idle', cost.timersWhileIdle],
  ['reads a second', cost.readsPerSecond],
  ['refreshes a second', cost.refreshesPerSecond],
];
for (const [name, value] of lines) console.log(`${name.padEnd(50)} ${number.format(value)}`);
process.exit(cost.idleBytes <= 1_024 && cost.refreshedBytes <= 1_024 ? 0 : 1);
