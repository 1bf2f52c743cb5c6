/** A window of its own: the viewer that ships here, one that somebody serves, or the hosted one. */
import { type Report, viewerUnavailable } from '../problems';
import { createPageLink, type OwnPage } from './page';
import type { Target } from './target';
import { createViewerUrl } from './viewer-url';

/** What is used of the page's `window`. */
export type OpeningPage = OwnPage & Pick<Window, 'open'>;

export type WindowOptions = {
  readonly page: OpeningPage;
  /** `null`: the viewer that ships here. */
  readonly url: URL | null;
  readonly origin: string;
  readonly keepEvents: number;
  readonly report: Report;
  readonly loadViewer: () => Promise<string>;
};

/** One window, found again by its name when the page is reloaded. */
const windowName = 'token-lifecycle-inspector';

export function windowTarget(options: WindowOptions): Target {
  const { page, url, origin, keepEvents, report, loadViewer } = options;
  const viewer = createViewerUrl(loadViewer);
  let peer: Window | null = null;
  let stopped = false;
  const link = createPageLink({ page, origin, keepEvents, peer: () => peer });

  /** The window is opened at once, while the click that allows it still counts, and filled when the page is there. */
  async function fill(opened: Window): Promise<void> {
    try {
      const address = await viewer.get();
      if (stopped) viewer.revoke();
      else if (!opened.closed) opened.location.replace(address);
    } catch {
      report(viewerUnavailable);
    }
  }

  function open(): boolean {
    if (stopped) return false;
    // A blocker that throws is a blocker.
    try {
      peer = page.open(url === null ? '' : url.href, windowName);
    } catch {
      peer = null;
    }
    if (!peer) {
      report({ reason: 'popup-blocked', message: 'The browser let no window open. Call open() from a click.' });
      return false;
    }
    if (url === null) void fill(peer);
    return true;
  }

  return {
    open,
    send: link.send,
    start: () => {
      link.start();
      open();
    },
    stop: () => {
      stopped = true;
      link.stop();
      viewer.revoke();
      peer = null;
    },
  };
}
