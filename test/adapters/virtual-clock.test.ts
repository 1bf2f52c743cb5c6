import { generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../adapters/testing/virtual-clock';

const start = Date.UTC(2026, 0, 1);

/** Notes what fired, and when on both scales since the start. */
function noted(clock: VirtualClock) {
  const log: [string, number, number][] = [];
  const set = (name: string, ms: number, then?: () => void) =>
    clock.setTimeout(() => {
      log.push([name, clock.now() - start, clock.monotonicNow()]);
      then?.();
    }, ms);
  return { log, set };
}

describe('createVirtualClock: advance', () => {
  it('starts at a whole second, and stands still', async () => {
    const clock = createVirtualClock();
    expect([clock.now() % 1000, clock.monotonicNow()]).toEqual([0, 0]);
    await clock.settle();
    expect([clock.now(), clock.monotonicNow()]).toEqual([start, 0]);
    expect(createVirtualClock({ start: 5000 }).now()).toBe(5000);
  });

  it('fires at the exact instant, by due time, then by order of being set', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('c', 30);
    set('a', 10);
    set('b1', 20);
    set('b2', 20);
    await clock.advance(25);
    expect(log).toEqual([
      ['a', 10, 10],
      ['b1', 20, 20],
      ['b2', 20, 20],
    ]);
    expect([clock.now() - start, clock.pending]).toEqual([25, 1]);
    await clock.advance(5);
    expect(log.at(-1)).toEqual(['c', 30, 30]);
  });

  it('fires what a timer or its promises set, if it is due in time', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 10, () => {
      set('b', 10);
      void Promise.resolve()
        .then(() => new Response('{}').json())
        .then(() => set('c', 5));
    });
    await clock.advance(100);
    expect(log).toEqual([
      ['a', 10, 10],
      ['c', 15, 15],
      ['b', 20, 20],
    ]);
  });

  it('settles promises before the next timer, and after the last', async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    const work = async (name: string) => {
      for (let step = 0; step < 50; step += 1) await null;
      await new Request('https://a.test', { method: 'POST', body: '{}' }).json();
      order.push(`${name} ${clock.now() - start}`);
    };
    clock.setTimeout(() => void work('a'), 10);
    clock.setTimeout(() => void work('b'), 10);
    clock.setTimeout(() => void work('c'), 20);
    await clock.advance(20);
    expect(order).toEqual(['a 10', 'b 10', 'c 20']);
  });

  it('a timer cleared by an earlier one does not fire', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    const second = set('second', 10);
    clock.setTimeout(() => clock.clearTimeout(second), 5);
    await clock.advance(20);
    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('§9 a delay above 2^31-1 ms fires at once, as platforms do it', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('clamped', 2 ** 31 - 1);
    set('not clamped', 2 ** 31);
    await clock.advance(1);
    expect(log).toEqual([['not clamped', 0, 0]]);
    await clock.advance(2 ** 31);
    expect(log.at(-1)).toEqual(['clamped', 2 ** 31 - 1, 2 ** 31 - 1]);
  });

  it('§9 a loop of such timers is an error, not a hanging test', async () => {
    const clock = createVirtualClock({ settleTurns: 1 });
    const again = (): unknown => clock.setTimeout(again, 2 ** 31);
    again();
    await expect(clock.advance(1000)).rejects.toThrow(/one instant/);
  });

  it('rejects with what a timer threw, at its instant, and can go on', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    clock.setTimeout(() => {
      throw new Error('boom');
    }, 10);
    set('later', 20);
    await expect(clock.advance(100)).rejects.toThrow('boom');
    expect(clock.now() - start).toBe(10);
    await clock.advance(10);
    expect(log).toEqual([['later', 20, 20]]);
  });

  it('two calls at once run one after the other', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 150);
    await Promise.all([clock.advance(100), clock.advance(100)]);
    expect(log).toEqual([['a', 150, 150]]);
    expect(clock.now() - start).toBe(200);
  });

  it('thousands of timers cost little', async () => {
    const clock = createVirtualClock();
    let beats = 0;
    const beat = (): void => {
      beats += 1;
      clock.setTimeout(beat, 1500);
    };
    beat();
    await clock.advance(3_600_000);
    expect(beats).toBe(2401);
  });

  it.each([-1, Number.NaN])('refuses to move by %d', (ms) => {
    const clock = createVirtualClock();
    expect(() => clock.advance(ms)).toThrow(/advance/);
    expect(() => clock.sleep(ms)).toThrow(/sleep/);
  });
});

describe('createVirtualClock: sleep and skew', () => {
  it('§9 in sleep the wall runs; timers and monotonic time do not', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 50_000);
    await clock.sleep(20_000);
    expect([clock.now() - start, clock.monotonicNow()]).toEqual([20_000, 0]);
    await clock.advance(40_000);
    expect(log).toEqual([]);
    await clock.advance(10_000);
    expect(log).toEqual([['a', 70_000, 50_000]]);
  });

  it('§9 timers whose wall deadline has passed fire late, in order', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('c', 3_600_000);
    set('b', 40_000);
    set('a', 30_000);
    await clock.sleep(60_000);
    expect(log).toEqual([
      ['a', 60_000, 0],
      ['b', 60_000, 0],
    ]);
  });

  it('§9 two short sleeps add up to a passed wall deadline', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 50_000);
    await clock.sleep(30_000);
    await clock.sleep(30_000);
    expect(log).toEqual([['a', 60_000, 0]]);
  });

  it('§9 a sleep before a timer was set does not bring it nearer', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    await clock.sleep(30_000);
    set('a', 50_000);
    await clock.sleep(30_000);
    expect(log).toEqual([]);
  });

  it('§9 a loop of timers at the moment of waking is an error, not a hanging test', async () => {
    const clock = createVirtualClock({ settleTurns: 1 });
    const again = (): unknown => clock.setTimeout(again, 2 ** 31);
    again();
    await expect(clock.sleep(1000)).rejects.toThrow(/one instant/);
  });

  it('§9 what a late timer sets is due in its own time', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 10, () => set('b', 10));
    await clock.sleep(1000);
    expect(log).toEqual([['a', 1000, 0]]);
    await clock.advance(10);
    expect(log.at(-1)).toEqual(['b', 1010, 10]);
  });

  it.each([65_000, -65_000])('§9 a wall set by %d ms moves neither timers nor monotonic time', async (ms) => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 10_000);
    clock.skew(ms);
    expect([clock.now() - start, clock.monotonicNow(), clock.pending]).toEqual([ms, 0, 1]);
    await clock.advance(10_000);
    expect(log).toEqual([['a', ms + 10_000, 10_000]]);
  });

  it('§9 a corrected wall does not count as sleep for deadlines', async () => {
    const clock = createVirtualClock();
    const { log, set } = noted(clock);
    set('a', 50_000);
    clock.skew(60_000);
    await clock.sleep(1000);
    expect(log).toEqual([]);
  });
});

describe('createVirtualClock: hold', () => {
  it('virtual time waits for work on another thread', async () => {
    const clock = createVirtualClock();
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const instants: number[] = [];
    const mint = () => new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    const loop = async (): Promise<void> => {
      const token = await clock.hold(mint());
      await clock.hold(jwtVerify(token, publicKey));
      instants.push(clock.now() - start);
      clock.setTimeout(() => void loop(), 1);
    };
    void loop();
    await clock.advance(20);
    expect(instants).toEqual(Array.from({ length: 21 }, (_, index) => index));
  });

  it('work that fails is waited for as well, and its failure is the caller’s', async () => {
    const clock = createVirtualClock();
    const failed = clock.hold(new Promise((_, reject) => setImmediate(() => reject(new Error('no')))));
    const seen = expect(failed).rejects.toThrow('no');
    await clock.settle();
    await seen;
  });
});
