import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../adapters/store/record';

const least = { v: 1, generation: 3, epoch: 2 };

describe('parseRecord', () => {
  it.each([
    undefined,
    null,
    7,
    'record',
    [],
    [least],
    {},
    { ...least, v: 2 },
    { ...least, v: '1' },
    { v: 1, generation: 3 },
    { v: 1, epoch: 2 },
    { ...least, generation: -1 },
    { ...least, generation: 1.5 },
    { ...least, generation: '3' },
    { ...least, epoch: Number.NaN },
    { ...least, epoch: Number.POSITIVE_INFINITY },
  ])('§10 no record at all: %j', (stored) => {
    expect(parseRecord(stored)).toBeUndefined();
  });

  it.each([
    ['issuedAt', '1'],
    ['expiresAt', Number.NaN],
    ['fingerprint', 7],
    ['floorUntil', Number.POSITIVE_INFINITY],
    ['attempt', -1],
    ['clockOffsetMs', null],
    ['active', { sessionHash: 's' }],
    ['active', ['s', 'o']],
    ['tombstone', { at: '1', reason: 'user' }],
    ['tombstone', null],
    ['rejected', 'ffff'],
    ['inFlight', { owner: 'a', startedAt: 1, deadline: 2 }],
    ['inFlightToo', { owner: 'a', startedAt: 1, deadline: 2, credential: 'c' }],
    ['signIns', [{ epoch: 1, at: 2 }]],
    ['unknown', 1],
  ])('§10 leaves out a bad %s: %j', (field, value) => {
    expect(parseRecord({ ...least, [field]: value })).toEqual(least);
  });

  it('§10 drops unknown keys inside, and what is no fingerprint in a list', () => {
    const stored = {
      ...least,
      active: { sessionHash: 's', organizationHash: 'o', admin: true },
      tombstone: { at: 1, reason: 'user', more: 1 },
      rejected: ['a', 7, null, 'b'],
      inFlight: { owner: 'a', startedAt: 1, deadline: 2, credential: 'c', token: 'x' },
      inFlightToo: [
        { owner: 'a', startedAt: 1, deadline: 2, credential: 'c', sessionHash: 's', token: 'x' },
        { owner: 'b' },
      ],
      signIns: { s: { epoch: 1, at: 2, token: 'x' }, t: { epoch: 1 }, u: { epoch: -1, at: 2 }, v: 7 },
      signedOut: { s: 1, t: -1, u: '1' },
    };
    expect(parseRecord(stored)).toEqual({
      ...least,
      active: { sessionHash: 's', organizationHash: 'o' },
      tombstone: { at: 1, reason: 'user' },
      rejected: ['a', 'b'],
      inFlight: { owner: 'a', startedAt: 1, deadline: 2, credential: 'c' },
      inFlightToo: [{ owner: 'a', startedAt: 1, deadline: 2, credential: 'c', sessionHash: 's' }],
      signIns: { s: { epoch: 1, at: 2 } },
      signedOut: { s: 1 },
    });
  });

  it('§10 a prototype decides nothing, neither its own nor one that came along', () => {
    expect(parseRecord(Object.create(least))).toBeUndefined();
    const smuggled: unknown = JSON.parse('{"v":1,"generation":3,"epoch":2,"__proto__":{"floorUntil":9e15}}');
    const parsed = parseRecord(smuggled);
    expect(parsed).toEqual(least);
    expect(parsed?.floorUntil).toBeUndefined();
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  it('§10 the result is a new object all the way down', () => {
    const stored = { ...least, rejected: ['a'], tombstone: { at: 1, reason: 'user' } };
    const parsed = parseRecord(stored);
    expect(parsed).toEqual(stored);
    expect(parsed).not.toBe(stored);
    expect(parsed?.rejected).not.toBe(stored.rejected);
    expect(parsed?.tombstone).not.toBe(stored.tombstone);
  });
});
