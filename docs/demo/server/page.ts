/** A file of the page, as it is served. */
export type PageAsset = {
  readonly type: string;
  readonly body: string;
  /** In place of the page's own policy. */
  readonly policy?: string;
};

/** Path → file. `/` is the document. */
export type PageAssets = ReadonlyMap<string, PageAsset>;

/** For tests of the server alone. */
export const emptyPage: PageAssets = new Map([
  ['/', { type: 'text/html; charset=utf-8', body: '<!doctype html><title>Demo</title>' }],
]);
