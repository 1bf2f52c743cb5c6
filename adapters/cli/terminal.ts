/** What a command is given of the process around it, so that a command is a function of it and can be tried anywhere. */
import { styleText } from 'node:util';

export type Terminal = {
  /** Of the answer. */
  write(text: string): void;
  /** Of errors and notes, so that an answer can be piped on. */
  writeError(text: string): void;
  /** How wide a line may be, in characters. */
  readonly columns: number;
  readonly color: boolean;
  /** Whether a person reads the answer. */
  readonly interactive: boolean;
  readStdin(): Promise<string>;
  /** Epoch ms. */
  now(): number;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
};

export type Style = Parameters<typeof styleText>[0];

export type Paint = (style: Style, text: string) => string;

/** Newer Nodes look at the stream as well; whether to colour has been decided by then. */
const paintAlways = styleText as (style: Style, text: string, options: { readonly validateStream: false }) => string;

export const createPaint =
  (color: boolean): Paint =>
  (style, text) =>
    color ? paintAlways(style, text, { validateStream: false }) : text;

/** A stream as far as colour goes. */
export type ColorStream = { readonly isTTY?: boolean; hasColors?(): boolean };

/**
 * Whether to colour: `NO_COLOR` (https://no-color.org) forbids it, `FORCE_COLOR` demands it, else a terminal that can.
 *
 * @param env the process's environment
 */
export function wantsColor(stream: ColorStream, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb' && (stream.hasColors?.() ?? true);
}

/**
 * What comes from a token or a server may hold escape sequences, which a terminal would obey: control and format
 * characters are replaced, and what is long is cut.
 */
export function harmless(text: string, longest = 80): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}
