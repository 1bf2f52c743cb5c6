/**
 * Two processes that share 1,000 sessions over one Redis, and one of them killed in the middle of a refresh: `npm run bench:fleet`.
 *
 * Starts redis-server, a token server with rotation and reuse detection, and two processes, all on 127.0.0.1; takes three and
 * a half minutes, and prints the table of docs/guides/pool.md. `npm run bench:fleet -- short` takes half a minute.
 */
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

const plan = process.argv.includes('short') ? short : whole;
const report = await runFleet(plan);
const lines: readonly (readonly [string, unknown])[] = [
  ['sessions, lifetime of a token', `${plan.sessions}, ${plan.ttlSeconds} s`],
  ['requests, in seconds', `${report.requests}, ${plan.seconds}`],
  ['failed requests', report.failed.length],
  ['asked again at the other process', report.retried],
  ['mints', report.mints],
  ['mints of a token that was not stale', report.extra],
  ['killed in the middle of a refresh', report.killedMidRefresh ? 'yes' : 'no'],
  ['its mint repeated inside the grace', report.repeated],
  ['reuse detections at the token server', report.reuses],
  ['sessions lost', report.signedOut],
  ['read: median, 99 %, worst (ms)', `${report.readMs.median}, ${report.readMs.p99}, ${report.readMs.worst}`],
  ['told by the pools', [...new Set(report.adapterFailures)].join('; ') || 'nothing'],
];
for (const [name, value] of lines) console.log(`${name.padEnd(40)} ${value}`);
for (const failure of report.failed.slice(0, 20)) console.log(`FAILED: ${failure}`);
process.exit(report.failed.length + report.extra + report.reuses + report.signedOut === 0 ? 0 : 1);
