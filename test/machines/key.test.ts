/** Keys: which token is meant, and how it is named. Two tokens that must not be mixed up never share a name. */
import { describe, expect, it } from 'vitest';
import { keyFromId, keyId, keyLabel, keyOf } from '../../machines/key';
import type { TokenKey } from '../../machines/ports';

describe('keyOf', () => {
  it('R7.6 the session token: nothing but the session, and its organization where it has one', () => {
    expect(keyOf({ id: 'sess_1' })).toStrictEqual({ sessionId: 'sess_1' });
    expect(keyOf({ id: 'sess_1', organizationId: 'org_1' })).toStrictEqual({
      sessionId: 'sess_1',
      organizationId: 'org_1',
    });
    expect(keyOf({ id: 'sess_1', organizationId: null })).toStrictEqual({ sessionId: 'sess_1', organizationId: null });
  });

  it('R7.6 what a reader asks for goes before what the session says, `null` included', () => {
    const session = { id: 'sess_1', organizationId: 'org_1' };
    expect(keyOf(session, { organizationId: 'org_2' }).organizationId).toBe('org_2');
    expect(keyOf(session, { organizationId: null }).organizationId).toBeNull();
    expect(keyOf(session, { template: 'api' })).toStrictEqual({
      sessionId: 'sess_1',
      template: 'api',
      organizationId: 'org_1',
    });
  });

  it('R7.6 no params are the same as none at all', () => {
    expect(keyOf({ id: 'sess_1' }, { params: {} })).toStrictEqual({ sessionId: 'sess_1' });
    expect(keyOf({ id: 'sess_1' }, { params: { scope: 'read' } })).toStrictEqual({
      sessionId: 'sess_1',
      params: { scope: 'read' },
    });
  });
});

const keys: readonly TokenKey[] = [
  { sessionId: 'sess_1' },
  { sessionId: 'sess_2' },
  { sessionId: 'sess_1', organizationId: null },
  { sessionId: 'sess_1', organizationId: 'org_1' },
  { sessionId: 'sess_1', template: 'org_1' },
  { sessionId: 'sess_1', template: 'api', organizationId: 'org_1' },
  { sessionId: 'sess_1', params: { a: '1' } },
  { sessionId: 'sess_1', params: { a: '1', b: '2' } },
];

describe('keyId', () => {
  it('R7.6 different keys have different names, and each name leads back to its key', () => {
    expect(new Set(keys.map(keyId)).size).toBe(keys.length);
    for (const key of keys) expect(keyFromId(keyId(key))).toStrictEqual(key);
  });

  it('R7.6 the order of params makes no difference', () => {
    const params = { b: '2', a: '1', c: '3' };
    const reversed = { c: '3', a: '1', b: '2' };
    expect(keyId({ sessionId: 'sess_1', params })).toBe(keyId({ sessionId: 'sess_1', params: reversed }));
    expect(keyId({ sessionId: 'sess_1', params })).toBe('token:["sess_1",null,[],[["a","1"],["b","2"],["c","3"]]]');
  });

  it('R7.6 what is no name of a key is told from one', () => {
    expect(keyFromId('session')).toBeNull();
    expect(keyFromId('')).toBeNull();
    expect(keyFromId('["sess_1",null,[],[]]')).toBeNull();
  });
});

describe('keyLabel', () => {
  it('S11 says for people what is asked for, without the session', () => {
    expect(keyLabel({ sessionId: 'sess_1' })).toBe('session');
    expect(keyLabel({ sessionId: 'sess_1', organizationId: null })).toBe('session');
    expect(keyLabel({ sessionId: 'sess_1', template: 'api' })).toBe('template api');
    expect(
      keyLabel({ sessionId: 'sess_1', template: 'api', organizationId: 'org_1', params: { a: '1', b: '2' } }),
    ).toBe('template api · org_1 · a=1 · b=2');
  });
});
