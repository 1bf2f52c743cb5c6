/** `token-lifecycle/testing` as a whole. */
import { describe, expect, it } from 'vitest';
import * as kit from '../../adapters/testing/index';
import { packagesBehind } from '../house/support/arrows';
import { readSources } from '../house/support/sources';

describe('token-lifecycle/testing', () => {
  it('§12 needs no runner: of packages it has those of the library, and its own optional ones', () => {
    const packages = packagesBehind('adapters/testing/index.ts', readSources('index.ts', 'machines', 'adapters'));
    const allowed = /^(?:xstate|jose|pure-rand|fast-check|@noble\/hashes)(?:\/|$)/;
    expect(packages).toContain('jose');
    expect(packages.filter((name) => !allowed.test(name))).toEqual([]);
  });

  it('§12 exports what its guide names', () => {
    expect(kit).toMatchObject({
      createVirtualClock: expect.any(Function),
      createTokenServer: expect.any(Function),
      createWorld: expect.any(Function),
      formatTrace: expect.any(Function),
      checkTrace: expect.any(Function),
      invariants: expect.any(Array),
    });
  });
});
