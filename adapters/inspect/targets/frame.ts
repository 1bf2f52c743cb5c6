/** An iframe of the page: it is given the viewer, or a URL of one. */
import { type Report, viewerUnavailable } from '../problems';
import { createPageLink, type OwnPage } from './page';
import type { Target } from './target';
import { createViewerUrl } from './viewer-url';

/** What is used of an `HTMLIFrameElement`. */
export type Frame = Pick<HTMLIFrameElement, 'contentWindow' | 'src'>;

export type FrameOptions = {
  readonly page: OwnPage;
  readonly frame: Frame;
  /** `null`: the viewer that ships here. */
  readonly url: URL | null;
  readonly origin: string;
  readonly keepEvents: number;
  readonly report: Report;
  readonly loadViewer: () => Promise<string>;
};

export function frameTarget(options: FrameOptions): Target {
  const { page, frame, url, origin, keepEvents, report, loadViewer } = options;
  const viewer = createViewerUrl(loadViewer);
  let stopped = false;
  const link = createPageLink({ page, origin, keepEvents, peer: () => frame.contentWindow });

  async function fill(): Promise<void> {
    try {
      const address = url === null ? await viewer.get() : url.href;
      if (stopped) viewer.revoke();
      else frame.src = address;
    } catch {
      report(viewerUnavailable);
    }
  }

  function open(): boolean {
    if (stopped) return false;
    void fill();
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
    },
  };
}
