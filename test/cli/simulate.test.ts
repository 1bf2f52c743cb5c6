import { describe, expect, it } from 'vitest';
import { say } from './support';

const simulate = (...args: string[]) => say(['simulate', ...args]);

describe('simulate', () => {
  it('R15.1 T5 T9 T20 shows states, requests and faults of a run, with instants to the millisecond', async () => {
    const { code, out, err } = await simulate('--fault', 'offline@60s+50s', '--minutes', '2.5');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim());
    expect(lines[0]).toBe('One tab, tokens of 1 min, 2 min 30 s of virtual time, seed 1, jitter 0.');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^0:00\.100 tab 0 fresh serves [0-9a-f]{8}, good until 1:00\.000$/),
        expect.stringMatching(/^0:43\.000 tab 0 refreshing serves/),
        '1:00.000 loses its network',
        expect.stringMatching(/^1:26\.000 tab 0 offline-retrying serves/),
        expect.stringMatching(/^1:43\.000 tab 0 offline-retrying readers wait/),
        '1:50.000 has a network again',
        expect.stringMatching(/^1:50\.100 tab 0 fresh serves/),
        expect.stringMatching(/^\d+ requests\. Everything that must always hold did\.$/),
      ]),
    );
  });

  it('R15.1 draws a strip per tab on the scale of the faults above it', async () => {
    const { out } = await simulate('--fault', 'offline@60s+60s', '--tabs', '2');
    const lines = out.split('\n');
    const fault = lines.find((line) => line.startsWith('offline')) ?? '';
    const tabs = lines.filter((line) => /^tab \d {2,}\S/.test(line));
    expect(tabs).toHaveLength(2);
    for (const tab of tabs) {
      // Served from the held token until it is stale at 86 s, then without a network until 120 s of 180.
      const [first, last] = [tab.indexOf('o'), tab.lastIndexOf('o')];
      expect(first).toBeGreaterThan(fault.indexOf('├'));
      expect(Math.abs(last - fault.indexOf('┤'))).toBeLessThanOrEqual(1);
      expect(tab.slice(18)).toMatch(/^\??r?F+o+r?F+$/);
    }
    expect(out).toContain('F fresh');
    expect(out).toContain('o offline-retrying');
    expect(out).not.toContain('X outage-fallback');
  });

  it('R15.1 tells a table of the same', async () => {
    const { out, code } = await simulate('--format', 'table', '--fault', 'outage@30s+1m');
    expect(code).toBe(0);
    expect(out).toMatch(/│ 0:30\.000 │ +│ +│ outage begins/);
    expect(out).toMatch(
      /│ 0:43\.\d{3} │ 0 {3}│ outage-fallback │ serves \w+, good until 1:00\.000 \(presenting-expired-token\)/,
    );
    expect(out).toMatch(/│ 1:30\.000 │ +│ +│ outage is over/);
  });

  it('R15.1 gives everything that could be seen as JSON, the same each time', async () => {
    const once = await simulate('--json', '--fault', 'status=503@40s+20s', '--seed', '7', '--jitter', '0.5');
    const again = await simulate('--json', '--fault', 'status=503@40s+20s', '--seed', '7', '--jitter', '0.5');
    const other = await simulate('--json', '--fault', 'status=503@40s+20s', '--seed', '8', '--jitter', '0.5');
    const { schedule, trace, violations, durationMs } = JSON.parse(once.out);
    expect(once.out).toBe(again.out);
    expect(once.out).not.toBe(other.out);
    expect({ violations, durationMs, seed: schedule.setting.seed }).toEqual({
      violations: [],
      durationMs: 180_000,
      seed: 7,
    });
    expect(trace.filter(({ is }: { is: string }) => is === 'request').length).toBeGreaterThan(4);
  });

  it('R15.1 T14 plays what users and servers do, and the end of a session', async () => {
    const { out } = await simulate('--fault', 'revoke@50s', '--read-every', '20s');
    expect(out).toMatch(/tab 0 +signed-out +getToken\(\) gives null/);
    expect(out).toMatch(/read \d+ gets null/);
    const signedOut = await simulate('--fault', 'sign-out@30s', '--fault', 'sign-in@60s');
    expect(signedOut.out).toMatch(/0:30\.000 +tab 0 +signOut\(\)/);
    expect(signedOut.out).toMatch(/1:00\.100 +tab 0 +fresh/);
  });

  it.each([
    ['silent-offline@50s+20s', 'loses its network'],
    ['status=429,retry-after=30s@40s+5s', 'gets status 429'],
    ['hang@40s+15s', 'gives up waiting'],
    ['unreachable@40s+5s', 'gets no answer'],
    ['drop@40s+5s', 'gets no answer'],
    ['slow=3s@40s+20s', 'slow 3s begins'],
    ['malformed=html@40s+5s', 'malformed html begins'],
    ['storage=cookie@40s+5s', 'adapter.failed'],
    ['lost-messages@40s+5s', 'lost-messages begins'],
    ['sleep@40s+30s', 'sleeps for 30 s'],
    ['hidden@40s+30s', 'is hidden'],
    ['skew=-2m@40s', 'has its wall clock set by -120 s'],
    ['reject@20s', 'reportRejected()'],
    ['read@20s', 'read 1 gets token'],
    ['forced-read@20s', 'read 1 gets token'],
    ['crash@20s', 'crashes'],
  ])('R15.1 --fault %s strikes, and what must always hold does', async (fault, told) => {
    const { out, code } = await simulate('--minutes', '1.5', '--fault', fault, '--check');
    expect(out).toContain(told);
    expect(code).toBe(0);
  });

  it('R15.1 T24 a forced read is told with its request', async () => {
    const { out } = await simulate('--minutes', '1', '--format', 'trace', '--fault', 'forced-read@20s');
    expect(out).toContain('getToken({ skipCache: true })');
    expect(out).toMatch(/20\.000 s {2}tab 0 +asks for the session token of sess_1 \(request 2, forced\)/);
  });

  it.each([
    [['--fault', 'offline'], 'A fault is written name[=value]@start[+length]'],
    [['--fault', 'offline@1m'], 'The fault offline needs a length'],
    [['--fault', 'revoke@1m+1s'], 'happens in an instant'],
    [['--fault', 'flood@1m+1s'], 'There is no such fault; there are offline,'],
    [['--fault', 'constructor@1m+1s'], 'There is no such fault'],
    [['--fault', 'status@1m+1s'], 'A fault needs a status'],
    [['--fault', 'status=200@1m+1s'], 'from 400 to 599'],
    [['--fault', 'status=503,loud=yes@1m+1s'], 'has no option of that name'],
    [['--fault', 'malformed=soup@1m+1s'], 'must be one of empty-body'],
    [['--fault', 'offline@60+30'], 'must be a duration with a unit'],
    [['--fault', 'offline@9m+1s'], 'begins after the end of the run'],
    [['--ttl', '60'], 'must be a duration with a unit'],
    [['--ttl', '1ms'], 'Must be from 1 s to 30 d'],
    [['--tabs', '0'], 'Must be a whole number from 1 to 5'],
    [['--seed', ''], 'Must be a whole number'],
    [['--minutes', '0'], 'lasts a second at least'],
    [['--hours', 'many'], 'Must be a number from 0 to 72'],
    [['--format', 'film'], 'Allowed choices are timeline, table, trace'],
    [['--wrong'], 'unknown option'],
  ])('R15.5 %j is refused with code 2, by its name and reason', async (args, reason) => {
    const { code, out, err } = await simulate(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(reason);
  });
});
