/** Two processes, one Redis, one token server, one of the processes killed in the middle of a refresh and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../house/support/sources';
import { freePort, startRedis } from '../../redis/support/redis-server';
import { runLoad } from './fleet-load';

export type FleetPlan = {
  readonly sessions: number;
  readonly ttlSeconds: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
  readonly killAtSecond: number;
  readonly restartAtSecond: number;
  /** For how long the token server forgives a second use of a credential, in ms. */
  readonly graceMs: number;
  readonly lockTtlMs: number;
};

type Spread = { readonly median: number; readonly p99: number; readonly worst: number };

export type FleetReport = {
  readonly requests: number;
  /** No token, one that had expired, one of somebody else; and what it was. */
  readonly failed: readonly string[];
  /** Asked again at the other process, since the first was gone: what a load balancer does. */
  readonly retried: number;
  readonly mints: number;
  /** Mints of a session whose last token was not stale yet, and what they were. Not those that repeat what the killed process had begun. */
  readonly extra: readonly string[];
  /** Mints that the killed process had begun, and another one repeated inside the grace. */
  readonly repeated: number;
  readonly killedMidRefresh: boolean;
  readonly reuses: number;
  readonly signedOut: number;
  /** What the pools told of, and how often. */
  readonly said: ReadonlyMap<string, number>;
  readonly readMs: Spread;
  /** Answers that took more than a second, by the second in which they were asked for. */
  readonly slow: ReadonlyMap<number, number>;
  /** How late the requests came: whether there really were so many a second. */
  readonly lateMs: Spread;
  /** Of the event loop of the process that nobody killed. */
  readonly lagMs: { readonly p99: number; readonly worst: number };
};

type Mint = { readonly at: number; readonly by: string };
type Minted = { readonly minted: Readonly<Record<string, readonly Mint[]>>; readonly reuses: number };
type Killed = { readonly lost: string | null; readonly at: number };

/** What a process had heard, and not written yet, is lost with it: of mints so shortly before, in ms. */
const unwrittenMs = 500;

/** Which mints came before the token was stale, and which of these may, since the one before was lost with its process. */
function judge({ minted }: Minted, killed: Killed, leastMs: number): Pick<FleetReport, 'extra' | 'repeated'> {
  const extra: string[] = [];
  let repeated = 0;
  for (const [id, mints] of Object.entries(minted)) {
    let isForgiven = false;
    for (const [index, { at, by }] of mints.entries()) {
      const before = mints[index - 1];
      if (before === undefined || at - before.at >= leastMs) continue;
      const sinceKillMs = before.at - killed.at;
      const wasUnwritten = id === killed.lost || (sinceKillMs < 0 && sinceKillMs > -unwrittenMs);
      if (before.by === 'a' && wasUnwritten && at > killed.at && !isForgiven) {
        isForgiven = true;
        repeated += 1;
      } else extra.push(`${id} by ${by} ${at - before.at} ms after ${before.by}, ${at - killed.at} ms after the kill`);
    }
  }
  return { extra, repeated };
}

type Word = { readonly process: string; readonly type: string; readonly reason?: string };

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { median: quantile(0.5), p99: quantile(0.99), worst: quantile(1) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

export async function runFleet(plan: FleetPlan): Promise<FleetReport> {
  const { sessions, ttlSeconds, graceMs } = plan;
  const redis = await startRedis();
  const [originPort, ...ports] = [await freePort(), await freePort(), await freePort()];
  const [first = 0, second = 0] = ports;
  const origin = `http://127.0.0.1:${originPort}`;
  const words: Word[] = [];
  const children = new Set<ChildProcess>();

  /** Resolves when it listens. */
  async function launch(file: string, port: number, settings: Readonly<Record<string, string | number>>) {
    const given = Object.entries({ PORT: port, GRACE_MS: graceMs, ...settings });
    const child = spawn(process.execPath, ['--import', 'tsx', `${root}/test/pool/support/${file}`], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])) },
    });
    children.add(child);
    await new Promise<void>((resolve, reject) => {
      child.on('message', (word: Word) => {
        if (word.type === 'ready') resolve();
        else words.push(word);
      });
      child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready.`)));
    });
    return child;
  }

  const launchPool = (name: string, port: number): Promise<ChildProcess> =>
    launch('fleet-pool.ts', port, {
      PROCESS: name,
      REDIS_PORT: redis.port,
      ORIGIN: origin,
      LOCK_TTL_MS: plan.lockTtlMs,
    });

  async function ask<T>(url: string, body?: string): Promise<T> {
    const response = await fetch(url, { method: 'POST', ...(body !== undefined && { body }) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
    return (response.headers.get('content-type')?.includes('json') ? response.json() : response.text()) as T;
  }

  async function signIn(id: string, port: number): Promise<void> {
    const { credential } = await ask<{ credential: string }>(`${origin}/sign-in?session=${id}`);
    await ask(`http://127.0.0.1:${port}/sign-in?session=${id}`, JSON.stringify({ credential }));
  }

  /** `lost`: the session that it was killed over; `null` where it had nothing under way. */
  async function killAndRestart(victim: ChildProcess): Promise<Killed> {
    const begunAt = performance.now();
    await sleep(plan.killAtSecond * 1_000);
    const patienceMs = (plan.restartAtSecond - plan.killAtSecond) * 900;
    const caught = ask<{ sessionId: string }>(`${origin}/catch`).then(({ sessionId }) => sessionId);
    const lost = await Promise.race([caught, sleep(patienceMs, null, { ref: false })]);
    caught.catch(() => {});
    await kill(victim);
    const at = Date.now();
    await sleep(Math.max(0, plan.restartAtSecond * 1_000 - (performance.now() - begunAt)));
    await launchPool('a', first);
    return { lost, at };
  }

  try {
    const [, victim] = await Promise.all([
      launch('fleet-origin.ts', originPort ?? 0, { TTL_SECONDS: ttlSeconds }),
      launchPool('a', first),
      launchPool('b', second),
    ]);
    const ids = Array.from({ length: sessions }, (_, at) => `session-${at}`);
    for (let at = 0; at < ids.length; at += 10)
      await Promise.all(ids.slice(at, at + 10).map((id, index) => signIn(id, index % 2 === 0 ? first : second)));

    const killing = killAndRestart(victim);
    const load = await runLoad(plan, ids, [first, second]);
    const killed = await killing;

    const told = await ask<Minted>(`${origin}/report`);
    const { lagMs } = JSON.parse(await ask(`http://127.0.0.1:${second}/stats`)) as { lagMs: FleetReport['lagMs'] };

    // The lead: 17 s, or half of what is short. Less a second for what `iat` is rounded to.
    const leastMs = (ttlSeconds - Math.min(17, ttlSeconds / 2) - 1) * 1_000;
    const { extra, repeated } = judge(told, killed, leastMs);
    const said = new Map<string, number>();
    for (const { type, reason } of words) {
      const what = `${type} ${reason}`;
      said.set(what, (said.get(what) ?? 0) + 1);
    }
    return {
      requests: load.lateMs.length,
      failed: load.failed,
      retried: load.retried,
      mints: Object.values(told.minted).flat().length,
      extra,
      repeated,
      killedMidRefresh: killed.lost !== null,
      reuses: told.reuses,
      signedOut: words.filter(({ type }) => type === 'session.signedOut').length,
      said,
      readMs: spreadOf(load.tookMs),
      slow: load.slow,
      lateMs: spreadOf(load.lateMs),
      lagMs: { p99: Math.round(lagMs.p99), worst: Math.round(lagMs.worst) },
    };
  } finally {
    await Promise.all([...children].map(kill));
    await redis.end();
  }
}
