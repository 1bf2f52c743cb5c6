import type { Presence, PresenceChange, PresenceState } from '../../machines/ports';
import { type FrameWindow, frameOf } from './frame';

type Listen = {
  addEventListener?(type: string, run: () => void): void;
  removeEventListener?(type: string, run: () => void): void;
};

/** What this adapter uses of a document; every part may be missing. */
export type PresenceDocument = Listen & {
  readonly visibilityState?: unknown;
  readonly prerendering?: unknown;
  hasFocus?(): unknown;
};

/** What this adapter uses of a window. */
export type PresenceWindow = Listen & FrameWindow;

export type BrowserPresenceOptions = {
  /** Default: the global one, looked up on use. Without one the presence is unknown. */
  readonly document?: PresenceDocument;
  readonly window?: PresenceWindow;
};

function visibilityOf(document: PresenceDocument | undefined): PresenceState['visibility'] {
  if (document?.prerendering === true) return 'prerender';
  const state = document?.visibilityState;
  return state === 'visible' || state === 'hidden' || state === 'prerender' ? state : 'unknown';
}

function focusOf(document: PresenceDocument | undefined): PresenceState['focus'] {
  try {
    const focused = document?.hasFocus?.();
    return typeof focused === 'boolean' ? focused : 'unknown';
  } catch {
    return 'unknown';
  }
}

/**
 * Presence by the page's own events: visibility, freezing and prerendering are told on `document`, focus and the
 * back-forward cache on `window`. In a worker, or anywhere else without a page, everything is `unknown` and nothing is told.
 *
 * @example createTokenLifecycle({ source, presence: browserPresence() });
 */
export function browserPresence(options: BrowserPresenceOptions = {}): Presence {
  const page = (): PresenceDocument | undefined =>
    options.document ?? (globalThis as { document?: PresenceDocument }).document;
  const view = (): PresenceWindow | undefined => options.window ?? (globalThis as { window?: PresenceWindow }).window;

  return {
    current: () => {
      const document = page();
      const window = view();
      return {
        visibility: visibilityOf(document),
        focus: focusOf(document),
        frame: window ? frameOf(window) : 'top',
      };
    },
    subscribe: (listener) => {
      const document = page();
      const window = view();
      const tell = (change: PresenceChange) => () => listener(change);
      const seen = (): void => {
        const visibility = visibilityOf(document);
        if (visibility === 'visible' || visibility === 'hidden') listener(visibility);
      };
      const wanted: [Listen | undefined, string, () => void][] = [
        [document, 'visibilitychange', seen],
        [document, 'freeze', tell('freeze')],
        [document, 'resume', tell('resume')],
        [document, 'prerenderingchange', tell('activated')],
        [window, 'focus', tell('focus')],
        [window, 'blur', tell('blur')],
        [window, 'pagehide', tell('pagehide')],
        [window, 'pageshow', tell('pageshow')],
      ];
      for (const [target, type, run] of wanted) target?.addEventListener?.(type, run);
      return () => {
        for (const [target, type, run] of wanted) target?.removeEventListener?.(type, run);
      };
    },
  };
}
