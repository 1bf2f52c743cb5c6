/** What asks the processes of a fleet for tokens: so many a second, whether or not they are answered. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeToken } from '../../../adapters/token/decode';

/** Nobody waits for longer: then it is a failed request, in ms. */
const patienceMs = 25_000;

export type Load = {
  /** When each was asked, later than it should have been, in ms. */
  readonly lateMs: readonly number[];
  readonly tookMs: readonly number[];
  /** Answers that took more than a second, by the second in which they were asked for. */
  readonly slow: ReadonlyMap<number, number>;
  readonly failed: readonly string[];
  readonly retried: number;
};

type Answer = { readonly status: number; readonly text: string };

function get(agent: Agent, port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, path, timeout: patienceMs }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', reject);
    asked.end();
  });
}

/**
 * Every session in turn, from both processes by turns; what a dead process does not answer goes to the other one, as a load
 * balancer would have it.
 */
export async function runLoad(
  { requestsPerSecond, seconds }: { readonly requestsPerSecond: number; readonly seconds: number },
  ids: readonly string[],
  ports: readonly number[],
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const failed: string[] = [];
  const tookMs: number[] = [];
  const lateMs: number[] = [];
  const slow = new Map<number, number>();
  let retried = 0;
  const begunAt = performance.now();

  async function ask(id: string, places: readonly number[]): Promise<void> {
    const startedAt = performance.now();
    for (const port of places) {
      let answer: Answer;
      try {
        answer = await get(agent, port, `/token?session=${id}`);
      } catch {
        // The process is gone, or went while it answered.
        retried += 1;
        continue;
      }
      const took = performance.now() - startedAt;
      tookMs.push(took);
      const second = Math.floor((startedAt - begunAt) / 1_000);
      if (took > 1_000) slow.set(second, (slow.get(second) ?? 0) + 1);
      if (answer.status !== 200) failed.push(`${answer.status} ${answer.text}`);
      else {
        const { sessionId, expiresAt } = decodeToken(answer.text);
        if (sessionId !== id) failed.push('a token of somebody else');
        // On its way it may expire; then it was good when it was asked for.
        else if ((expiresAt ?? 0) <= Date.now() - took) failed.push('an expired token');
      }
      return;
    }
    failed.push('no process answered');
  }

  const total = requestsPerSecond * seconds;
  const asked: Promise<void>[] = [];
  while (asked.length < total) {
    const elapsedMs = performance.now() - begunAt;
    const due = Math.min(total, Math.floor((elapsedMs / 1_000) * requestsPerSecond));
    while (asked.length < due) {
      const turn = asked.length;
      lateMs.push(elapsedMs - (turn * 1_000) / requestsPerSecond);
      // Spread, so that neighbours do not expire together.
      const id = ids[(turn * 617) % ids.length] ?? '';
      const isFirst = Math.floor(turn / ids.length + turn) % 2 === 0;
      asked.push(ask(id, isFirst ? ports : [...ports].reverse()));
    }
    await sleep(5);
  }
  await Promise.all(asked);
  agent.destroy();
  return { lateMs, tookMs, slow, failed, retried };
}
