/** The viewer that ships here, as a URL of this page's own origin. */

/** Read when it is wanted: it is the larger part of the package, and most pages never want it. */
export const loadViewerPage = async (): Promise<string> => (await import('../../viewer/index')).viewerPage;

export type ViewerUrl = {
  /** Rejects where the page cannot be loaded. */
  get(): Promise<string>;
  revoke(): void;
};

/** Kept until the end: the window may be reloaded. */
export function createViewerUrl(load: () => Promise<string>): ViewerUrl {
  let made: Promise<string> | undefined;
  let url: string | undefined;
  const make = async (): Promise<string> => {
    const page = await load();
    url = URL.createObjectURL(new Blob([page], { type: 'text/html;charset=utf-8' }));
    return url;
  };
  return {
    get: () => {
      made ??= make();
      made.catch(() => {
        made = undefined;
      });
      return made;
    },
    revoke: () => {
      if (url !== undefined) URL.revokeObjectURL(url);
      made = undefined;
      url = undefined;
    },
  };
}
