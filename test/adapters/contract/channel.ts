import { describe, expect, it } from 'vitest';
import type { TokenChannel } from '../../../machines/ports';
import { jwt } from '../../support/jwt';

export type ChannelSetup = {
  /** Two tabs of one browser. May be one and the same object. */
  readonly first: TokenChannel;
  readonly second: TokenChannel;
  /** Lets everything arrive that is under way. */
  readonly settle: () => Promise<void>;
};

const hearing = (channel: TokenChannel): { heard: unknown[]; leave: () => void } => {
  const heard: unknown[] = [];
  return { heard, leave: channel.subscribe((message) => heard.push(message)) };
};

/** What every `TokenChannel` keeps to. */
export function channelContract(name: string, make: () => ChannelSetup): void {
  describe(`channel contract: ${name}`, () => {
    it('§10 what one tab posts, the other hears, whole', async () => {
      const { first, second, settle } = make();
      const message = { v: 1, is: 'notice', nested: { list: [1, null, 'é'], empty: {} }, yes: true };
      const { heard } = hearing(second);
      first.post(message);
      await settle();
      expect(heard).toEqual([message]);
      expect(heard[0]).not.toBe(message);
    });

    it('§10 messages arrive in the order of being posted, equal ones as often as they were', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      for (const at of [1, 2, 2, 3, 3, 3, 1]) first.post({ at });
      await settle();
      expect(heard).toEqual([1, 2, 2, 3, 3, 3, 1].map((at) => ({ at })));
    });

    it('D01 nobody hears of a message before post() has returned', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      first.post({ at: 1 });
      expect(heard).toEqual([]);
      await settle();
      expect(heard).toHaveLength(1);
    });

    it('R10.12 what becomes of the object after post() changes nothing', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      const message = { at: 1, list: [1] };
      first.post(message);
      message.at = 2;
      message.list.push(2);
      await settle();
      expect(heard).toEqual([{ at: 1, list: [1] }]);
    });

    it('C13 a listener that throws disturbs neither the sender nor the other listeners', async () => {
      const { first, second, settle } = make();
      second.subscribe(() => {
        throw new Error('no');
      });
      const { heard } = hearing(second);
      first.post({ at: 1 });
      first.post({ at: 2 });
      await settle();
      expect(heard).toEqual([{ at: 1 }, { at: 2 }]);
    });

    it('L4 who has unsubscribed hears nothing, not even what was under way', async () => {
      const { first, second, settle } = make();
      const gone = hearing(second);
      const stays = hearing(second);
      first.post({ at: 1 });
      gone.leave();
      gone.leave();
      await settle();
      expect(gone.heard).toEqual([]);
      expect(stays.heard).toEqual([{ at: 1 }]);
    });

    it('L4 after the last one has left, one that subscribes hears again', async () => {
      const { first, second, settle } = make();
      hearing(second).leave();
      first.post({ at: 1 });
      await settle();
      const { heard } = hearing(second);
      first.post({ at: 2 });
      await settle();
      expect(heard).toEqual([{ at: 2 }]);
    });

    it('one function that subscribes twice hears twice, and leaves one at a time', async () => {
      const { first, second, settle } = make();
      const heard: unknown[] = [];
      const listener = (message: unknown): void => {
        heard.push(message);
      };
      const leave = second.subscribe(listener);
      second.subscribe(listener);
      first.post({ at: 1 });
      await settle();
      expect(heard).toHaveLength(2);
      leave();
      leave();
      first.post({ at: 2 });
      await settle();
      expect(heard).toHaveLength(3);
    });

    it('D06 a listener may post, subscribe and leave while it is told', async () => {
      const { first, second, settle } = make();
      const heard: unknown[] = [];
      const leave = second.subscribe((message) => {
        if ((message as { is: string }).is !== 'ask') return;
        leave();
        second.subscribe((later) => heard.push(later));
        second.post({ is: 'answer' });
      });
      const answers: unknown[] = [];
      first.subscribe((message) => {
        if ((message as { is: string }).is === 'answer') answers.push(message);
      });
      first.post({ is: 'ask' });
      await settle();
      first.post({ is: 'thanks' });
      await settle();
      expect(answers).toEqual([{ is: 'answer' }]);
      expect(heard.at(-1)).toEqual({ is: 'thanks' });
    });

    it('R10.13 a raw token passes only where tokens may', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      const message = { is: 'token', token: jwt({ iat: 1, exp: 61 }) };
      if (first.carriesTokens) first.post(message);
      else expect(() => first.post(message)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
      await settle();
      expect(heard).toEqual(first.carriesTokens ? [message] : []);
    });

    it('a message that cannot be sent throws, and the next one is sent', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      expect(() => first.post(() => {})).toThrow();
      first.post({ at: 1 });
      await settle();
      expect(heard).toEqual([{ at: 1 }]);
    });

    it('J09 methods work without their receiver', async () => {
      const { first, second, settle } = make();
      const { post } = first;
      const { subscribe } = second;
      const heard: unknown[] = [];
      const leave = subscribe((message) => heard.push(message));
      post({ at: 1 });
      await settle();
      leave();
      expect(heard).toEqual([{ at: 1 }]);
    });

    it.each([undefined, null, 'listener', {}])('a listener that is none is refused: %j', (listener) => {
      const { first } = make();
      expect(() => first.subscribe(listener as never)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    });
  });
}

type Suspendable = TokenChannel & Required<Pick<TokenChannel, 'suspend' | 'resume'>>;

/** What a channel keeps to that a page suspends on its way into the back-forward cache. */
export function suspendableChannelContract(
  name: string,
  make: () => {
    readonly first: Suspendable;
    readonly second: TokenChannel;
    readonly settle: () => Promise<void>;
    /** Whether a message could still reach the first tab's page. */
    readonly firstIsOpen: () => boolean;
  },
): void {
  describe(`suspendable channel contract: ${name}`, () => {
    it('R10.11 suspended, nothing is open; resumed, the listeners are still there', async () => {
      const { first, second, settle, firstIsOpen } = make();
      const { heard } = hearing(first);
      expect(firstIsOpen()).toBe(true);
      first.suspend();
      expect(firstIsOpen()).toBe(false);
      second.post({ at: 1 });
      await settle();
      first.resume();
      expect(firstIsOpen()).toBe(true);
      second.post({ at: 2 });
      await settle();
      expect(heard).toEqual([{ at: 2 }]);
    });

    it('R10.11 what was under way when it was suspended does not arrive, then or later', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(first);
      second.post({ at: 1 });
      first.suspend();
      await settle();
      first.resume();
      await settle();
      expect(heard).toEqual([]);
    });

    it('R10.11 what is posted while suspended is dropped, not kept', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      first.suspend();
      first.post({ at: 1 });
      await settle();
      first.resume();
      first.post({ at: 2 });
      await settle();
      expect(heard).toEqual([{ at: 2 }]);
    });

    it('R10.11 what was posted just before it was suspended arrives', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(second);
      hearing(first);
      first.post({ at: 1 });
      first.suspend();
      await settle();
      expect(heard).toEqual([{ at: 1 }]);
    });

    it('R10.11 subscribing while suspended opens nothing until it is resumed', async () => {
      const { first, second, settle, firstIsOpen } = make();
      first.suspend();
      const { heard } = hearing(first);
      expect(firstIsOpen()).toBe(false);
      first.resume();
      second.post({ at: 1 });
      await settle();
      expect(heard).toEqual([{ at: 1 }]);
    });

    it('R10.11 with nobody listening, resuming opens nothing', () => {
      const { first, firstIsOpen } = make();
      const { leave } = hearing(first);
      first.suspend();
      leave();
      first.resume();
      expect(firstIsOpen()).toBe(false);
    });

    it('R10.11 told twice, it hears once', async () => {
      const { first, second, settle } = make();
      const { heard } = hearing(first);
      first.suspend();
      first.suspend();
      first.resume();
      first.resume();
      second.post({ at: 1 });
      await settle();
      expect(heard).toEqual([{ at: 1 }]);
    });
  });
}
