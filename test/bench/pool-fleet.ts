/**
 * Two processes that share 1,000 sessions over one Redis, and one of them killed in the middle of a refresh: `npm run bench:fleet`.
 *
 * Starts redis-server, a token server with rotation and reuse detection, and two processes, all on 127.0.0.1; takes three and
 * a half minutes, and prints the table of docs/guides/pool.md. `npm run bench:fleet -- short` takes half a minute; any number of
 * a plan can be given besides: `-- sessions=300 seconds=90`.
 */
import { availableParallelism, loadavg } from 'node:os';
import { type FleetPlan, runFleet } from '../pool/support/run-fleet';

const whole: FleetPlan = {
  sessions: 1_000,
  ttlSeconds: 60,
  requestsPerSecond: 200,
  seconds: 180,
  killAtSecond: 70,
  restartAtSecond: 90,
  graceMs: 15_000,
  lockTtlMs: 4_000,
};
const short: FleetPlan = {
  ...whole,
  sessions: 60,
  ttlSeconds: 30,
  requestsPerSecond: 40,
  seconds: 40,
  killAtSecond: 12,
  restartAtSecond: 20,
};

const given = process.argv.slice(2).filter((word) => word.includes('='));
const plan: FleetPlan = {
  ...(process.argv.includes('short') ? short : whole),
  ...Object.fromEntries(given.map((word) => [word.split('=')[0], Number(word.split('=')[1])])),
};
const load = (): string => `${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
const before = load();
const report = await runFleet(plan);
/** Neighbouring seconds together. */
function slowAt(): string {
  const spans: { from: number; to: number; count: number }[] = [];
  for (const [second, count] of [...report.slow].sort(([a], [b]) => a - b)) {
    const last = spans.at(-1);
    if (last && second <= last.to + 2) Object.assign(last, { to: second, count: last.count + count });
    else spans.push({ from: second, to: second, count });
  }
  return spans.map(({ from, to, count }) => `${count} at ${from} to ${to} s`).join(', ') || 'none';
}
const lines: readonly (readonly [string, unknown])[] = [
  ['sessions, lifetime of a token', `${plan.sessions}, ${plan.ttlSeconds} s`],
  ['load of the machine before, after', `${before}, ${load()}`],
  ['requests, in seconds', `${report.requests}, ${plan.seconds}`],
  ['late: median, 99 %, worst (ms)', `${report.lateMs.median}, ${report.lateMs.p99}, ${report.lateMs.worst}`],
  ['failed requests', report.failed.length],
  ['asked again at the other process', report.retried],
  ['mints', report.mints],
  ['mints of a token that was not stale', report.extra.length],
  ['killed in the middle of a refresh', report.killedMidRefresh ? 'yes' : 'no'],
  ['its mint repeated inside the grace', report.repeated],
  ['reuse detections at the token server', report.reuses],
  ['sessions lost', report.signedOut],
  ['read: median, 99 %, worst (ms)', `${report.readMs.median}, ${report.readMs.p99}, ${report.readMs.worst}`],
  ['reads of more than a second, asked at', slowAt()],
  ['event loop of a pool: 99 %, worst (ms)', `${report.lagMs.p99}, ${report.lagMs.worst}`],
  ['told by the pools', [...report.said].map(([what, times]) => `${what} (${times})`).join('; ') || 'nothing'],
];
for (const [name, value] of lines) console.log(`${name.padEnd(40)} ${value}`);
for (const extra of report.extra.slice(0, 20)) console.log(`NOT STALE: ${extra}`);
const failures = new Map<string, number>();
for (const failure of report.failed) failures.set(failure, (failures.get(failure) ?? 0) + 1);
for (const [failure, times] of failures) console.log(`FAILED: ${failure} (${times})`);
process.exit(report.failed.length + report.extra.length + report.reuses + report.signedOut === 0 ? 0 : 1);
