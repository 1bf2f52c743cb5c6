// Reads a report of vitest and prints "passed failed". A skipped test counts as failed, and so does a file that never ran.
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
const tests = testResults.flatMap((file) => file.assertionResults);
const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const passed = tests.filter((test) => test.status === 'passed');
const rest = tests.filter((test) => test.status !== 'passed');

for (const test of rest) console.error(`not passed (${test.status}): ${test.fullName}`);
for (const file of broken) console.error(`did not run: ${file.name}`);
if (tests.length === 0) console.error('no test ran');
console.log(`${passed.length} ${rest.length + broken.length + (tests.length === 0 ? 1 : 0)}`);
