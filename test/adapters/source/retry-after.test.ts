import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseHttpDate, retryAfterOf } from '../../../adapters/source/retry-after';

afterEach(() => vi.unstubAllEnvs());

describe('parseHttpDate', () => {
  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    '§5 reads the three forms of RFC 9110, all as GMT: %s',
    (text) => {
      expect(parseHttpDate(text)).toBe(784_111_777_000);
    },
  );

  it('§5 takes no form for local time', () => {
    vi.stubEnv('TZ', 'America/New_York');
    expect(new Date(784_111_777_000).getHours()).toBe(3);
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).toBe(784_111_777_000);
  });

  it.each(['-5', '5', '2027-01-15', '01/02/2027', 'Sun', 'Sun, 99 Nov 1994 99:99:99 GMT', '', null])(
    '§5 reads nothing into %s',
    (text) => {
      expect(parseHttpDate(text)).toBeUndefined();
    },
  );
});

describe('retryAfterOf', () => {
  it('§5 does not ask the local clock where the server tells the time', () => {
    const headers = new Headers({
      'retry-after': 'Fri, 15 Jan 2027 08:00:30 GMT',
      date: 'Fri, 15 Jan 2027 08:00:00 GMT',
    });
    expect(retryAfterOf(headers, {}, () => 0)).toBe(30_000);
  });

  it('§5 goes by the local clock where the Date header is nonsense', () => {
    const headers = new Headers({
      'retry-after': 'Fri, 15 Jan 2027 08:00:30 GMT',
      date: 'Thu, 01 Jan 1970 00:00:00 GMT',
    });
    expect(retryAfterOf(headers, {}, () => 1_800_000_010_000)).toBe(20_000);
  });
});
