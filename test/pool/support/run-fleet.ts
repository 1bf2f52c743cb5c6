/** Two processes, one Redis, one token server, one of the processes killed in the middle of a refresh and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { createTokenServer } from '../../../adapters/testing/token-server/create';
import { decodeToken } from '../../../adapters/token/decode';
import { root } from '../../house/support/sources';
import { freePort, startRedis } from '../../redis/support/redis-server';

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

export type FleetReport = {
  readonly requests: number;
  /** No token, one that had expired, one of somebody else; and what it was. */
  readonly failed: readonly string[];
  /** Asked again at the other process, since the first was gone: what a load balancer does. */
  readonly retried: number;
  readonly mints: number;
  /** Mints of a session whose last token was not stale yet. Those that repeat what the killed process had begun are not counted. */
  readonly extra: number;
  /** Mints that the killed process had begun, and another one repeated inside the grace. */
  readonly repeated: number;
  readonly killedMidRefresh: boolean;
  readonly reuses: number;
  readonly signedOut: number;
  readonly adapterFailures: readonly string[];
  readonly readMs: { readonly median: number; readonly p99: number; readonly worst: number };
};

type Worker = { readonly name: string; readonly port: number; child: ChildProcess };
type Word = { readonly process: string; readonly type: string; readonly reason?: string };

export async function runFleet(plan: FleetPlan): Promise<FleetReport> {
  const { sessions, ttlSeconds, graceMs } = plan;
  const redis = await startRedis();
  const server = createTokenServer({
    ttlSeconds,
    credential: 'rotating',
    reuseGraceMs: graceMs,
    signing: 'HS256',
  });
  const words: Word[] = [];
  const minted = new Map<string, number[]>();
  /** What the killed process had under way. */
  let lost: string | null = null;
  let isKilling = false;
  let onMint = (_: string): void => {};

  async function receive(request: Request): Promise<Response> {
    const body = request.clone();
    const isMint = new URL(request.url).pathname === '/tokens';
    const answered = server.handle(request);
    if (!isMint) return answered;
    const { sessionId: id } = (await body.json()) as { sessionId: string };
    minted.set(id, [...(minted.get(id) ?? []), performance.now()]);
    const response = await answered;
    if (isKilling && request.headers.get('x-process') === 'a') {
      isKilling = false;
      lost = id;
      onMint(id);
      // It has rotated; nobody hears of it.
      await sleep(1_000);
    }
    return response;
  }
  const originPort = await freePort();
  const origin = serve({ fetch: receive, hostname: '127.0.0.1', port: originPort });

  async function launch(name: string, port: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', `${root}/test/pool/support/worker.ts`], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        REDIS_PORT: String(redis.port),
        PORT: String(port),
        PROCESS: name,
        ORIGIN: `http://127.0.0.1:${originPort}`,
        GRACE_MS: String(graceMs),
        LOCK_TTL_MS: String(plan.lockTtlMs),
      },
    });
    await new Promise<void>((resolve, reject) => {
      child.on('message', (word: Word) => {
        if (word.type === 'ready') resolve();
        else words.push(word);
      });
      child.once('exit', (code) => reject(new Error(`Process ${name} ended with ${code} before it was ready.`)));
    });
    return child;
  }

  async function start(name: string): Promise<Worker> {
    const port = await freePort();
    return { name, port, child: await launch(name, port) };
  }

  async function kill({ child }: Worker): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  const workers: Worker[] = [];
  try {
    workers.push(...(await Promise.all([start('a'), start('b')])));
    const [first, second] = workers;
    if (!first || !second) throw new Error('No processes.');
    const ids = Array.from({ length: sessions }, (_, at) => `session-${at}`);
    for (let at = 0; at < ids.length; at += 10) {
      await Promise.all(
        ids.slice(at, at + 10).map(async (id, index) => {
          const { credential } = server.signIn(id);
          const { port } = index % 2 === 0 ? first : second;
          const url = `http://127.0.0.1:${port}/sign-in?session=${id}`;
          const { ok } = await fetch(url, { method: 'POST', body: JSON.stringify({ credential }) });
          if (!ok) throw new Error(`${id} could not sign in.`);
        }),
      );
    }

    const failed: string[] = [];
    const took: number[] = [];
    let retried = 0;

    async function ask(id: string, ports: readonly number[]): Promise<void> {
      const startedAt = performance.now();
      for (const port of ports) {
        let response: Response;
        let text: string;
        try {
          response = await fetch(`http://127.0.0.1:${port}/token?session=${id}`, {
            signal: AbortSignal.timeout(25_000),
          });
          text = await response.text();
        } catch {
          // The process is gone, or went while it answered.
          retried += 1;
          continue;
        }
        const tookMs = performance.now() - startedAt;
        took.push(tookMs);
        if (!response.ok) failed.push(`${response.status} ${text}`);
        else {
          const { sessionId, expiresAt } = decodeToken(text);
          if (sessionId !== id) failed.push('a token of somebody else');
          // On its way it may expire; then it was good when it was asked for.
          else if ((expiresAt ?? 0) <= server.now() - tookMs) failed.push('an expired token');
        }
        return;
      }
      failed.push('no process answered');
    }

    const startedAt = performance.now();
    const elapsedSeconds = (): number => (performance.now() - startedAt) / 1_000;
    const asked: Promise<void>[] = [];
    let turn = 0;

    async function killAndRestart(victim: Worker): Promise<void> {
      await sleep(plan.killAtSecond * 1_000);
      const caught = new Promise<void>((resolve) => {
        onMint = () => resolve();
      });
      isKilling = true;
      const patience = (plan.restartAtSecond - plan.killAtSecond) * 900;
      await Promise.race([caught, sleep(patience, undefined, { ref: false })]);
      isKilling = false;
      await kill(victim);
      await sleep(Math.max(0, (plan.restartAtSecond - elapsedSeconds()) * 1_000));
      victim.child = await launch(victim.name, victim.port);
    }

    const restarted = killAndRestart(first);
    while (elapsedSeconds() < plan.seconds) {
      const due = Math.floor(elapsedSeconds() * plan.requestsPerSecond);
      for (; turn < due; turn += 1) {
        // Every session in turn, from both processes by turns; spread, so that neighbours do not expire together.
        const id = ids[(turn * 617) % ids.length] ?? '';
        const ports = [first.port, second.port];
        asked.push(ask(id, Math.floor(turn / ids.length + turn) % 2 === 0 ? ports : ports.reverse()));
      }
      await sleep(10);
    }
    await Promise.all(asked);
    await restarted;

    // The lead: 17 s, or half of what is short. Less a second for what `iat` is rounded to.
    const leastMs = (ttlSeconds - Math.min(17, ttlSeconds / 2) - 1) * 1_000;
    let extra = 0;
    let repeated = 0;
    for (const [id, instants] of minted) {
      for (const [at, instant] of instants.entries()) {
        const before = instants[at - 1];
        if (before === undefined || instant - before >= leastMs) continue;
        if (id === lost && repeated === 0) repeated += 1;
        else extra += 1;
      }
    }
    const sorted = took.sort((a, b) => a - b);
    const quantile = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return {
      requests: asked.length,
      failed,
      retried,
      mints: [...minted.values()].flat().length,
      extra,
      repeated,
      killedMidRefresh: lost !== null,
      reuses: server.reuses,
      signedOut: words.filter(({ type }) => type === 'session.signedOut').length,
      adapterFailures: words
        .filter(({ type }) => type !== 'session.signedOut')
        .map(({ type, reason }) => `${type} ${reason}`),
      readMs: { median: quantile(0.5), p99: quantile(0.99), worst: quantile(1) },
    };
  } finally {
    await Promise.all(workers.map(kill));
    await new Promise<void>((resolve) => {
      origin.close(() => resolve());
      if ('closeAllConnections' in origin) origin.closeAllConnections();
    });
    await redis.end();
  }
}
