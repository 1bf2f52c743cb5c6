import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { type BroadcastChannelOptions, broadcastChannel } from '../../adapters/channel/broadcast';
import { memoryChannel } from '../../adapters/channel/memory';
import { macrotask } from '../../adapters/testing/macrotask';
import { channelContract, suspendableChannelContract } from './contract/channel';
import { createBroadcastHub } from './support/broadcast-hub';

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await macrotask();
};

channelContract('memoryChannel', () => {
  const channel = memoryChannel();
  return { first: channel, second: channel, settle };
});

channelContract('broadcastChannel', () => {
  const { BroadcastChannel } = createBroadcastHub();
  return { first: broadcastChannel({ BroadcastChannel }), second: broadcastChannel({ BroadcastChannel }), settle };
});

suspendableChannelContract('broadcastChannel', () => {
  const { BroadcastChannel } = createBroadcastHub();
  // A hub of its own counts what the first one opens; both lead to the same place.
  const counted = { open: 0 };
  class Counted extends BroadcastChannel {
    constructor(name: string) {
      super(name);
      counted.open += 1;
    }
    override close(): void {
      counted.open -= 1;
      super.close();
    }
  }
  return {
    first: broadcastChannel({ BroadcastChannel: Counted }),
    second: broadcastChannel({ BroadcastChannel }),
    settle,
    firstIsOpen: () => counted.open > 0,
  };
});

describe('memoryChannel', () => {
  it('§10 the sender hears its own, and each listener has a copy to itself', async () => {
    const channel = memoryChannel();
    const heard: { list: number[] }[] = [];
    const listener = (message: unknown): void => {
      (message as { list: number[] }).list.push(2);
      heard.push(message as { list: number[] });
    };
    channel.subscribe(listener);
    channel.subscribe(listener);
    channel.post({ list: [1] });
    await settle();
    expect(heard).toEqual([{ list: [1, 2] }, { list: [1, 2] }]);
  });

  it('T23 arrives within a microtask, so that virtual time need not move', async () => {
    const channel = memoryChannel();
    const heard: unknown[] = [];
    channel.subscribe((message) => heard.push(message));
    channel.post(1);
    await null;
    expect(heard).toEqual([1]);
  });

  it('R10.8 a tab that opens does not hear what was posted before', async () => {
    const channel = memoryChannel();
    const heard: unknown[] = [];
    channel.post({ at: 1 });
    channel.subscribe((message) => heard.push(message));
    await settle();
    expect(heard).toEqual([]);
  });

  it('two channels know nothing of each other', async () => {
    const heard: unknown[] = [];
    memoryChannel().subscribe((message) => heard.push(message));
    memoryChannel().post({ at: 1 });
    await settle();
    expect(heard).toEqual([]);
  });
});

describe('broadcastChannel', () => {
  it.each([
    ['name', { name: '' }],
    ['name', { name: 7 as never }],
    ['BroadcastChannel', { BroadcastChannel: {} as never }],
    ['nmae', { nmae: 'mine' } as never],
  ])('names the option that cannot work: %s', (option, options: BroadcastChannelOptions) => {
    expect(() => broadcastChannel(options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option: `broadcastChannel.${option}` }),
    );
  });

  it('an option object that is none is refused', () => {
    expect(() => broadcastChannel(null as never)).toThrow(expect.objectContaining({ option: 'broadcastChannel' }));
  });

  it('C13 the browser’s console hears of a listener that throws', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    try {
      const { BroadcastChannel } = createBroadcastHub();
      const error = new Error('no');
      broadcastChannel({ BroadcastChannel }).subscribe(() => {
        throw error;
      });
      broadcastChannel({ BroadcastChannel }).post(1);
      await settle();
      expect(reported).toEqual([error]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('§10 names keep apart; the default is the library’s own', async () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    const heard: unknown[] = [];
    broadcastChannel({ BroadcastChannel, name: 'token-lifecycle' }).subscribe((message) => heard.push(message));
    broadcastChannel({ BroadcastChannel, name: 'other' }).post(1);
    broadcastChannel({ BroadcastChannel }).post(2);
    await settle();
    expect(heard).toEqual([2]);
  });

  it('L4 opens on the first subscription, once, and closes with the last', () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    const channel = broadcastChannel({ BroadcastChannel });
    expect(hub.constructed).toBe(0);
    const leave = [1, 2].map(() => channel.subscribe(() => {}));
    channel.post(1);
    expect([hub.open, hub.constructed]).toEqual([1, 1]);
    leave[0]?.();
    expect(hub.open).toBe(1);
    leave[1]?.();
    expect(hub.open).toBe(0);
  });

  it('L4 posting without listening leaves nothing open, even where it throws', () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    const channel = broadcastChannel({ BroadcastChannel });
    channel.post(1);
    expect(() => channel.post(() => {})).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
    expect([hub.open, hub.constructed]).toEqual([0, 2]);
  });

  it('L4 dispose closes and forgets the listeners; it can be used again, also where it was suspended', async () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    const channel = broadcastChannel({ BroadcastChannel });
    const gone: unknown[] = [];
    const leave = channel.subscribe((message) => gone.push(message));
    channel.suspend();
    channel.dispose();
    channel.dispose();
    const heard: unknown[] = [];
    channel.subscribe((message) => heard.push(message));
    broadcastChannel({ BroadcastChannel }).post(1);
    await settle();
    // A leftover of the time before: it must not close what others use now.
    leave();
    broadcastChannel({ BroadcastChannel }).post(2);
    await settle();
    expect([gone, heard, hub.open]).toEqual([[], [1, 2], 1]);
    channel.dispose();
    expect(hub.open).toBe(0);
  });

  it('R10.12 what cannot be deserialized is nobody’s business', () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    const heard: unknown[] = [];
    broadcastChannel({ BroadcastChannel }).subscribe((message) => heard.push(message));
    hub.garble('token-lifecycle');
    expect(heard).toEqual([]);
  });

  it('J03 without BroadcastChannel it can be made, and says so when it is used', () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    try {
      const channel = broadcastChannel();
      const missing = expect.objectContaining({ code: 'channel_missing' });
      expect(() => channel.subscribe(() => {})).toThrow(missing);
      expect(() => channel.post(1)).toThrow(missing);
      // Nobody subscribed: there is nothing to open.
      channel.suspend();
      channel.resume();
      channel.dispose();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('J03 one that cannot be constructed says so on use, works once it can, and tells no more than the cause’s name', async () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    let broken = true;
    class Moody extends BroadcastChannel {
      constructor(name: string) {
        if (broken) throw new TypeError(`Illegal constructor ${name}`);
        super(name);
      }
    }
    const channel = broadcastChannel({ BroadcastChannel: Moody });
    const failed = expect.objectContaining({ code: 'channel_failed', cause: { name: 'TypeError' } });
    const heard: unknown[] = [];
    const listener = (message: unknown): void => {
      heard.push(message);
    };
    expect(() => channel.subscribe(listener)).toThrow(failed);
    expect(() => channel.post(1)).toThrow(failed);
    broken = false;
    channel.subscribe(listener);
    broadcastChannel({ BroadcastChannel }).post(1);
    await settle();
    expect(heard).toEqual([1]);
  });

  it('J03 R10.11 resuming where it fails throws, keeps the listeners, and the next try brings them back', async () => {
    const hub = createBroadcastHub();
    const { BroadcastChannel } = hub;
    let broken = false;
    class Moody extends BroadcastChannel {
      constructor(name: string) {
        if (broken) throw new TypeError('Illegal constructor');
        super(name);
      }
    }
    const channel = broadcastChannel({ BroadcastChannel: Moody });
    const heard: unknown[] = [];
    channel.subscribe((message) => heard.push(message));
    channel.suspend();
    broken = true;
    expect(() => channel.resume()).toThrow(expect.objectContaining({ code: 'channel_failed' }));
    broken = false;
    channel.resume();
    broadcastChannel({ BroadcastChannel }).post(1);
    await settle();
    expect(heard).toEqual([1]);
  });

  it('E20 in Node it works between instances, and keeps no process running', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import { broadcastChannel } from './adapters/channel/broadcast';
          const [one, two] = [broadcastChannel(), broadcastChannel()];
          two.subscribe((message) => console.log('two', message));
          one.subscribe((message) => console.log('one', message));
          one.post(1);
          two.post(2);
          broadcastChannel().post(3);
          setTimeout(() => console.log('end'), 50);`,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    });
    const script = outputFiles.map(({ text }) => text).join('');
    // Ends by itself, or the time-out kills it and this rejects.
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 10_000,
    });
    const lines = stdout.trim().split('\n');
    expect([...lines].sort()).toEqual(['end', 'one 2', 'one 3', 'two 1', 'two 3']);
    expect(lines.at(-1)).toBe('end');
  });
});
