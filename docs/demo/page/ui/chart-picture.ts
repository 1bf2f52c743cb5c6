/** A chart that is laid out, in pixels. The server makes it, so that no page loads a layout engine. */
type Head = { readonly x: number; readonly y: number; readonly angle: number };
type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

export type ChartPicture = {
  /** Where the drawing begins. */
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly (Box & { readonly id: string })[];
  /** `id` is `from>to`. */
  readonly edges: readonly { readonly id: string; readonly d: string; readonly head: Head }[];
  /** The dot with which it begins. */
  readonly start: readonly {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    readonly d: string;
    readonly head: Head;
  }[];
};

export type ChartPictures = { readonly wide: ChartPicture; readonly narrow: ChartPicture };

/** Put here by the build. */
declare const CHARTS: ChartPictures;

export const charts: ChartPictures = CHARTS;
