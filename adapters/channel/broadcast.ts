import { checkFunction, checkKnown, checkObject, checkText } from '../../machines/check';
import { redactCause } from '../../machines/errors';
import type { TokenChannel } from '../../machines/ports';
import { createListeners, tellAll } from './listeners';

/** What this adapter uses of a `BroadcastChannel`. */
export type BroadcastChannelLike = {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
};

export type BroadcastChannelOptions = {
  /** Name of the channel, which every page of the origin can open. Default `token-lifecycle`. */
  readonly name?: string;
  /** The constructor. Default: the global one, looked up on use. */
  readonly BroadcastChannel?: new (
    name: string,
  ) => BroadcastChannelLike;
};

const problem = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message), { code }, cause !== undefined && { cause: redactCause(cause) });

/**
 * The tabs of one origin, over `BroadcastChannel`: the default in browsers. Several lifecycles may share a name; each
 * ignores what is not for it.
 *
 * The underlying channel is open only while somebody listens and it is not suspended: a message that meets an open one evicts
 * a page from the back-forward cache. What is posted while it is suspended is dropped. Messages that cannot be deserialized
 * are ignored. In Node it does not keep the process running. After `dispose()` it may be used again.
 *
 * Methods throw an error with the code `channel_missing` where there is no `BroadcastChannel` (Safari before 15.4), with
 * `channel_failed` where it cannot be constructed; `post()` throws a `DataCloneError` for what cannot be cloned.
 *
 * @throws {ConfigurationError} for an unknown option, an empty name or a constructor that is none
 * @example createTokenLifecycle({ source, channel: broadcastChannel({ name: 'my-app' }) });
 */
export function broadcastChannel(
  options: BroadcastChannelOptions = {},
): TokenChannel & Required<Pick<TokenChannel, 'suspend' | 'resume' | 'dispose'>> {
  checkObject('broadcastChannel', options);
  checkKnown('broadcastChannel', options, ['name', 'BroadcastChannel']);
  const { name = 'token-lifecycle' } = options;
  checkText('broadcastChannel.name', name);
  if (options.BroadcastChannel !== undefined) {
    checkFunction('broadcastChannel.BroadcastChannel', options.BroadcastChannel);
  }
  let current: BroadcastChannelLike | undefined;
  let suspended = false;
  const listeners = createListeners(() => close());

  function construct(): BroadcastChannelLike {
    const Constructor =
      options.BroadcastChannel ??
      (globalThis as { BroadcastChannel?: BroadcastChannelOptions['BroadcastChannel'] }).BroadcastChannel;
    if (!Constructor) throw problem('channel_missing', 'There is no BroadcastChannel here.');
    try {
      return new Constructor(name);
    } catch (error) {
      throw problem('channel_failed', 'The BroadcastChannel could not be constructed.', error);
    }
  }

  function open(): void {
    if (current) return;
    const opened = construct();
    opened.onmessage = ({ data }) => tellAll(listeners.snapshot(), () => data);
    // After the handler, which refs it.
    (opened as { unref?: () => void }).unref?.();
    current = opened;
  }

  function close(): void {
    if (!current) return;
    // What was under way when it closed is not to arrive later.
    current.onmessage = null;
    current.close();
    current = undefined;
  }

  return {
    carriesTokens: true,
    post: (message) => {
      if (suspended) return;
      if (current) {
        current.postMessage(message);
        return;
      }
      // Nobody listens here: nothing stays open. What was posted is delivered all the same.
      const passing = construct();
      try {
        passing.postMessage(message);
      } finally {
        passing.close();
      }
    },
    subscribe: (listener) => {
      checkFunction('broadcastChannel.subscribe(listener)', listener);
      if (!suspended) open();
      return listeners.add(listener);
    },
    suspend: () => {
      suspended = true;
      close();
    },
    resume: () => {
      suspended = false;
      if (listeners.size > 0) open();
    },
    dispose: () => {
      suspended = false;
      listeners.clear();
      close();
    },
  };
}
