/**
 * What jitter does to a server whose clients all failed in one instant: `npm run bench:jitter`.
 *
 * A thousand clients without a token meet a 503 at 0 and keep failing for five minutes. Printed per jitter: the most
 * requests in any 100 ms after the first instant, how many tries a client makes in the first minute, and when its ninth
 * and last before the error comes.
 */
import { defaultPolicy } from '../../machines/policy';
import { backoffMs, jittered } from '../../machines/schedule';

const clients = 1_000;
const windowMs = 100;

/** The same numbers on every machine. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function triesOf(jitter: number, random: () => number): number[] {
  const policy = { ...defaultPolicy, jitter };
  const tries = [0];
  for (let failed = 0; failed < policy.retries; failed += 1) {
    const delay = Math.max(policy.mintFloorMs, jittered(backoffMs(policy, failed), policy, random()));
    tries.push((tries.at(-1) ?? 0) + delay);
  }
  return tries;
}

function measure(jitter: number) {
  const random = createRandom(42);
  const schedules = Array.from({ length: clients }, () => triesOf(jitter, random));
  const load = new Map<number, number>();
  for (const at of schedules.flat().filter((instant) => instant > 0)) {
    const window = Math.floor(at / windowMs);
    load.set(window, (load.get(window) ?? 0) + 1);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    jitter,
    'peak per 100 ms': Math.max(...load.values()),
    'tries in the first minute': Number(
      mean(schedules.map((tries) => tries.filter((at) => at < 60_000).length)).toFixed(2),
    ),
    'last try at (s)': Number((mean(schedules.map((tries) => tries.at(-1) ?? 0)) / 1_000).toFixed(1)),
  };
}

console.table([0, 0.1, 0.2, 0.3, 0.5, 0.7, 1].map(measure));
