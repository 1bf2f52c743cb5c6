import { describe, expect, it, vi } from 'vitest';
import { type StorageEventChannelOptions, storageEventChannel } from '../../adapters/channel/storage-event';
import { macrotask } from '../../adapters/testing/macrotask';
import { expectSilent, thrownBy } from '../support/bad-input';
import { jwt } from '../support/jwt';
import { channelContract } from './contract/channel';
import { CountedTarget } from './support/events';
import { storageTabs } from './support/storage-tabs';

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await macrotask();
};

const token = jwt({ iat: 1, exp: 61 });
const [header = '', payload = ''] = token.split('.');
const encrypted = `${header}..aXY.Y2lwaGVydGV4dA.dGFn`;

channelContract('storageEventChannel', () => {
  const { first, second } = storageTabs();
  return { first: storageEventChannel(first), second: storageEventChannel(second), settle };
});

channelContract('storageEventChannel, storage by a function', () => {
  const { first, second } = storageTabs();
  return {
    first: storageEventChannel({ window: first.window, storage: () => first.storage }),
    second: storageEventChannel({ window: second.window, storage: () => second.storage }),
    settle,
  };
});

describe('storageEventChannel', () => {
  it('R10.13 carries no tokens, and says so', () => {
    expect(storageEventChannel(storageTabs().first).carriesTokens).toBe(false);
  });

  it.each<[string, unknown]>([
    ['a token', token],
    ['a token in a sentence', `Bearer ${token}, and more`],
    ['a token behind dots', `v1.${token}`],
    ['an encrypted token', encrypted],
    ['a token deep inside', { a: [{ b: { c: token } }] }],
    ['a token as a name', { [token]: 1 }],
    ['a token by toJSON', { a: { toJSON: () => token } }],
    ['a field token', { token: 'opaque' }],
    ['a field accessToken', { list: [{ accessToken: 'opaque' }] }],
    ['a field refresh_token', { refresh_token: 'opaque' }],
    ['a field ID_TOKEN', { ID_TOKEN: 'opaque' }],
    ['a field credential', { credential: 'opaque' }],
    ['a field clientSecret', { clientSecret: 'opaque' }],
    ['a field password', { password: 'opaque' }],
    ['a field cookie', { cookie: 'opaque' }],
    ['a field Authorization', { Authorization: 'opaque' }],
    ['a field jwt', { jwt: 'opaque' }],
  ])('R10.13 S11 refuses %s: nothing is written, and the error does not repeat it', (_, message) => {
    const { first, written } = storageTabs();
    const error = thrownBy(() => storageEventChannel(first).post(message));
    expect(error).toMatchObject({ code: 'invalid_option', option: 'storageEventChannel.post(message)' });
    expectSilent(error, [token, payload]);
    expect(written).toEqual([]);
  });

  it('R10.13 lets pass what only looks like a secret', async () => {
    const { first, second } = storageTabs();
    const message = {
      is: 'token',
      tokenType: 'Bearer',
      namespace: 'eyeglasses.shop.example.com',
      version: '1.2.3',
      dots: '...',
      halves: [header, payload, `${header}.${payload}`],
      fingerprint: '0a1b2c3d',
    };
    const heard: unknown[] = [];
    storageEventChannel(second).subscribe((notice) => heard.push(notice));
    storageEventChannel(first).post(message);
    await settle();
    expect(heard).toEqual([message]);
  });

  it.each([undefined, () => {}, Symbol('x')])('a message that JSON cannot say is refused', (message) => {
    const { first, written } = storageTabs();
    expect(() => storageEventChannel(first).post(message)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(written).toEqual([]);
  });

  it('J02 leaves nothing behind in the storage', () => {
    const { first, entries, written } = storageTabs();
    const channel = storageEventChannel(first);
    for (let at = 0; at < 5; at += 1) channel.post({ at });
    expect(written).toHaveLength(5);
    expect(entries.size).toBe(0);
  });

  it('J02 a full storage throws out of post, and the next notice that fits is heard', async () => {
    const { first, second } = storageTabs(200);
    const channel = storageEventChannel(first);
    const heard: unknown[] = [];
    storageEventChannel(second).subscribe((notice) => heard.push(notice));
    expect(() => channel.post('x'.repeat(300))).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
    channel.post('small');
    await settle();
    expect(heard).toEqual(['small']);
  });

  it('J01 touches the storage on use only; denied, post throws what it throws, and hearing still works', async () => {
    const { first, second } = storageTabs();
    let touched = 0;
    const channel = storageEventChannel({
      window: first.window,
      storage: () => {
        touched += 1;
        throw new DOMException('denied', 'SecurityError');
      },
    });
    const heard: unknown[] = [];
    channel.subscribe((notice) => heard.push(notice));
    expect(touched).toBe(0);
    expect(() => channel.post(1)).toThrow(expect.objectContaining({ name: 'SecurityError' }));
    storageEventChannel(second).post(2);
    await settle();
    expect(heard).toEqual([2]);
  });

  it('J05 without window and storage it can be made, and says so when it is used', () => {
    vi.stubGlobal('localStorage', undefined);
    try {
      const channel = storageEventChannel();
      expect(() => channel.subscribe(() => {})).toThrow(expect.objectContaining({ code: 'channel_missing' }));
      expect(() => channel.post(1)).toThrow(expect.objectContaining({ code: 'storage_missing' }));
      channel.dispose();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('J05 takes the global window and localStorage where none are given', async () => {
    const { first, second } = storageTabs();
    vi.stubGlobal('window', first.window);
    vi.stubGlobal('localStorage', first.storage);
    try {
      const [here, there] = [storageEventChannel(), storageEventChannel(second)];
      const heard: unknown[] = [];
      here.subscribe((notice) => heard.push(['here', notice]));
      there.subscribe((notice) => heard.push(['there', notice]));
      here.post(1);
      there.post(2);
      await settle();
      expect(heard).toEqual([
        ['there', 1],
        ['here', 2],
      ]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it.each<[string, string | null, string | null]>([
    ['another key', 'theme', '{"v":1,"nonce":"a","message":1}'],
    ['a removal', 'token-lifecycle:notice', null],
    ['a cleared storage', null, null],
    ['no JSON', 'token-lifecycle:notice', '{'],
    ['no object', 'token-lifecycle:notice', '7'],
    ['another shape', 'token-lifecycle:notice', '[1]'],
    ['null', 'token-lifecycle:notice', 'null'],
    ['another version', 'token-lifecycle:notice', '{"v":2,"nonce":"a","message":1}'],
  ])('R10.12 %s is ignored', (_, key, newValue) => {
    const window = new CountedTarget();
    const { storage } = storageTabs().first;
    const heard: unknown[] = [];
    storageEventChannel({ window, storage }).subscribe((notice) => heard.push(notice));
    const reportError = vi.fn();
    vi.stubGlobal('reportError', reportError);
    window.dispatchEvent(Object.assign(new Event('storage'), { key, newValue }));
    vi.unstubAllGlobals();
    expect(heard).toEqual([]);
    expect(reportError).not.toHaveBeenCalled();
    const right = { key: 'token-lifecycle:notice', newValue: '{"v":1,"nonce":"a","message":1}' };
    window.dispatchEvent(Object.assign(new Event('storage'), right));
    expect(heard).toEqual([1]);
  });

  it('§10 a key of one’s own keeps apart', async () => {
    const { first, second } = storageTabs();
    const heard: unknown[] = [];
    storageEventChannel({ ...second, key: 'mine' }).subscribe((notice) => heard.push(notice));
    storageEventChannel(first).post(1);
    storageEventChannel({ ...first, key: 'mine' }).post(2);
    await settle();
    expect(heard).toEqual([2]);
  });

  it('an option object that is none is refused', () => {
    expect(() => storageEventChannel(null as never)).toThrow(
      expect.objectContaining({ option: 'storageEventChannel' }),
    );
  });

  it('L4 one listener on the window, from the first subscription to the last; dispose takes it too', () => {
    const { window, storage } = storageTabs().first;
    const channel = storageEventChannel({ window, storage });
    expect(window.listeners).toBe(0);
    const leave = [1, 2].map(() => channel.subscribe(() => {}));
    expect(window.listeners).toBe(1);
    leave[0]?.();
    expect(window.listeners).toBe(1);
    leave[1]?.();
    expect(window.listeners).toBe(0);
    channel.subscribe(() => {});
    expect(window.listeners).toBe(1);
    channel.dispose();
    expect(window.listeners).toBe(0);
  });

  it.each<[string, StorageEventChannelOptions]>([
    ['key', { key: '' }],
    ['kee', { kee: 'mine' } as never],
    ['storage', { storage: null as never }],
    ['storage.setItem', { storage: { removeItem: () => {} } as never }],
    ['window.removeEventListener', { window: { addEventListener: () => {} } as never }],
  ])('names the option that cannot work: %s', (option, options) => {
    expect(() => storageEventChannel(options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: `storageEventChannel.${option}` }),
    );
  });
});
