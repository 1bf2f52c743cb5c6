/** What can be done with one tab. */
import { ConfigurationError } from '../../../machines/errors';
import type { Session } from '../../../machines/events';
import type { PresenceState } from '../../../machines/ports';
import type { GetTokenOptions, TokenLifecycle } from '../../host/types';
import { fingerprint } from '../../token/fingerprint';
import type { Outage } from './link';
import type { Page } from './page';
import type { Read, Reader } from './reads';
import type { Noted, Recorder } from './recorder';
import type { Windows } from './windows';

/**
 * One tab of a world. Every command throws a `ConfigurationError` while the tab is closed, `open()` while it is not; what does
 * not apply otherwise (hiding a hidden tab) does nothing.
 */
export type Tab = {
  readonly index: number;
  readonly isOpen: boolean;
  readonly isFrozen: boolean;
  /** As the page sees it. */
  readonly presence: PresenceState;
  /** The page's lifecycle: the last one, after the tab was closed. */
  readonly tokens: TokenLifecycle;
  /** Loads a page and starts its lifecycle; with the focus, unless told otherwise. */
  open(options?: { readonly focus?: boolean }): void;
  /** The page is told (`pagehide`), then it is gone; the browser shows a neighbour. Its lock is free 50 ms later. */
  close(): void;
  /** The page is gone, and nobody is told. Its lock is free 115 ms later. */
  crash(): void;
  show(): void;
  hide(): void;
  focus(): void;
  blur(): void;
  /** Hidden, and then the browser stops its timers and tasks. Its lock is free at once. */
  freeze(): void;
  resume(): void;
  /** Navigates away: the page is kept in the back/forward cache. A message on an open channel evicts it from there. */
  pagehide(): void;
  /** Comes back from there, seen and with the focus. */
  pageshow(): void;
  /** Without a network. `silent`: packets are lost, and the platform does not notice. */
  offline(outage?: Outage): void;
  online(): void;
  /** This page alone stands still for `ms`, as in a debugger; nothing tells it so. */
  sleep(ms: number): Promise<void>;
  start(): void;
  /** What is left of it afterwards is noted as `leftovers`. */
  stop(): void;
  signIn(session: string | Session): void;
  signOut(): void;
  /** To another organization, or another session. */
  switchTo(session: Partial<Session>): void;
  /** An API refuses the token that the page has now, if it has one. */
  reject(): void;
  /** A read that the trace knows of. */
  read(options?: GetTokenOptions): Read;
  peek(options?: GetTokenOptions): string | null;
};

export type TabDeps = {
  readonly recorder: Recorder;
  readonly reader: Reader;
  readonly windows: Windows;
  load(index: number): Page;
  /** Whom the browser shows instead of a closed page. */
  neighbour(index: number): Page | undefined;
  advance(ms: number): Promise<void>;
  later(ms: number, run: () => void): void;
  /** A page that is loaded from now on is told so. */
  signedIn(session: Session): void;
  signedOut(): void;
};

const releaseMs = { close: 50, crash: 115 } as const;

/** A tab, and what the world alone may do with it. */
export type TabSlot = {
  readonly tab: Tab;
  /** The page, while it is open. */
  page(): Page | null;
  /** The browser drops the page from its back/forward cache. */
  evict(): void;
};

export function createTab(index: number, deps: TabDeps): TabSlot {
  const { recorder, reader, windows } = deps;
  let last: Page | null = null;
  let isOpen = false;

  const command = (entry: Extract<Noted, { is: 'command' }>): void => recorder.note(index, entry);
  function page(): Page {
    if (last && isOpen) return last;
    throw new ConfigurationError(`tab(${index})`, 'is closed; open() it first');
  }

  function end(ended: Page, how: 'close' | 'crash'): void {
    isOpen = false;
    ended.process.kill();
    deps.later(releaseMs[how], ended.lock.letGo);
    // Only to free what it holds of this process: its adapters are dead, and nothing of it is seen.
    ended.tokens.stop();
  }

  function awake(ended: Page): Page {
    if (ended.process.state === 'running') return ended;
    throw new ConfigurationError(`tab(${index})`, 'is frozen; resume() it first');
  }

  const tab: Tab = {
    index,
    get isOpen() {
      return isOpen;
    },
    get isFrozen() {
      return isOpen && last?.process.state === 'frozen';
    },
    get presence() {
      return page().presence.state;
    },
    get tokens() {
      if (last) return last.tokens;
      throw new ConfigurationError(`tab(${index})`, 'has never been open');
    },
    open: ({ focus = true } = {}) => {
      if (isOpen) throw new ConfigurationError(`tab(${index})`, 'is open already');
      command({ is: 'command', do: 'open' });
      last = deps.load(index);
      isOpen = true;
      if (focus) windows.focus(last);
      tab.start();
    },
    close: () => {
      const closing = page();
      command({ is: 'command', do: 'close' });
      const instead = windows.successor(closing.presence.state);
      if (closing.process.state === 'running') {
        closing.presence.emit('pagehide');
        closing.presence.set({ visibility: 'hidden', focus: false });
      }
      end(closing, 'close');
      const next = instead ? deps.neighbour(index) : undefined;
      if (next && instead) windows[instead](next);
    },
    crash: () => {
      const crashing = page();
      command({ is: 'command', do: 'crash' });
      end(crashing, 'crash');
    },
    show: () => {
      const shown = awake(page());
      command({ is: 'command', do: 'show' });
      windows.show(shown);
    },
    hide: () => {
      const hidden = page();
      command({ is: 'command', do: 'hide' });
      windows.hide(hidden);
    },
    focus: () => {
      const focused = awake(page());
      command({ is: 'command', do: 'focus' });
      windows.focus(focused);
    },
    blur: () => {
      const blurred = page();
      command({ is: 'command', do: 'blur' });
      windows.blur(blurred);
    },
    freeze: () => {
      const frozen = awake(page());
      // Browsers freeze hidden pages only.
      windows.hide(frozen);
      command({ is: 'command', do: 'freeze' });
      frozen.presence.emit('freeze');
      frozen.lock.letGo();
      frozen.process.freeze();
    },
    resume: () => {
      const resumed = page();
      command({ is: 'command', do: 'resume' });
      resumed.process.thaw();
      resumed.presence.emit('resume');
    },
    pagehide: () => {
      const leaving = awake(page());
      command({ is: 'command', do: 'pagehide' });
      leaving.presence.emit('pagehide');
      windows.hide(leaving);
      leaving.lock.letGo();
      leaving.cached = true;
      leaving.process.freeze();
    },
    pageshow: () => {
      const back = page();
      command({ is: 'command', do: 'pageshow' });
      back.cached = false;
      back.process.thaw();
      back.presence.emit('pageshow');
      windows.focus(back);
    },
    offline: (outage = {}) => {
      const { link } = page();
      command({ is: 'command', do: 'offline' });
      link.set(outage);
    },
    online: () => {
      const { link } = page();
      command({ is: 'command', do: 'online' });
      link.set(null);
    },
    sleep: async (ms) => {
      const { process } = awake(page());
      command({ is: 'command', do: 'sleep', ms });
      process.freeze();
      await deps.advance(ms);
      process.thaw();
      await deps.advance(0);
    },
    start: () => {
      const started = page();
      command({ is: 'command', do: 'start' });
      started.tokens.start();
      started.noteState();
    },
    stop: () => {
      const stopped = page();
      command({ is: 'command', do: 'stop' });
      stopped.tokens.stop();
      // At the end of this instant: what is given back may take a promise or two.
      deps.later(0, () => recorder.note(index, { is: 'leftovers', ...stopped.leftovers() }));
    },
    signIn: (given) => {
      const { tokens } = page();
      const session: Session = typeof given === 'string' ? { id: given } : given;
      const organizationId = session.organizationId ?? null;
      command({ is: 'command', do: 'sign-in', sessionId: session.id, organizationId });
      deps.signedIn(session);
      tokens.signIn({ session });
    },
    signOut: () => {
      const { tokens } = page();
      command({ is: 'command', do: 'sign-out' });
      deps.signedOut();
      tokens.signOut().catch(() => {});
    },
    switchTo: ({ id, organizationId }) => {
      const { tokens } = page();
      const before = tokens.getState();
      const sessionId = id ?? before.sessionId ?? '';
      const kept = sessionId === before.sessionId ? before.organizationId : null;
      const organization = organizationId === undefined ? kept : organizationId;
      command({ is: 'command', do: 'switch', sessionId, organizationId: organization });
      deps.signedIn({ id: sessionId, organizationId: organization });
      tokens.setActive({
        ...(id !== undefined && { sessionId: id }),
        ...(organizationId !== undefined && { organizationId }),
      });
    },
    reject: () => {
      const { tokens } = page();
      const token = tokens.peek();
      if (token === null) return;
      command({ is: 'command', do: 'reject', fingerprint: fingerprint(token) });
      tokens.reportRejected(token);
    },
    read: (options = {}) => reader.read(page(), options),
    peek: (options = {}) => reader.peek(page(), options),
  };
  return {
    tab,
    page: (): Page | null => (isOpen ? last : null),
    evict: (): void => {
      if (!last || !isOpen) return;
      command({ is: 'command', do: 'close' });
      recorder.note(index, { is: 'fault', fault: 'evicted', detail: 'a message came on an open channel' });
      end(last, 'close');
    },
  };
}
