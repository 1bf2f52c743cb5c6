/**
 * Widths of text without a browser: those of Helvetica and Arial, in thousandths of the font size. A drawing pins each text
 * to its measured width (`textLength`), so that another font moves no box and clips nothing.
 */

/** @returns the width in pixels */
export type Measure = (text: string, size: number, bold: boolean) => number;

/** From the space (32) to the tilde (126). */
const regular = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
const bold = [
  278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
  556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
  280, 389, 584,
];
const others: ReadonlyMap<string, number> = new Map([
  ['\u00a0', 278],
  ['’', 222],
  ['‘', 222],
  ['“', 333],
  ['”', 333],
  ['·', 278],
  ['–', 556],
  ['×', 584],
]);
/** Of what is in neither: wide scripts and symbols are about as wide as high. */
const unknown = 1000;

/** The measure that drawings are made with unless another is given. */
export const measureText: Measure = (text, size, isBold) => {
  const table = isBold ? bold : regular;
  let total = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    total += table[code - 32] ?? others.get(character) ?? (code < 0x370 ? 611 : unknown);
  }
  return Math.ceil((total * size) / 10) / 100;
};

/** `text` in as many lines as it takes for none to be wider than `width`; a longer word has a line of its own. */
export function wrapText(text: string, width: number, fits: (line: string) => number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const last = lines.at(-1);
      if (last !== undefined && fits(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    return lines;
  });
}

/** `text`, cut with an ellipsis where it is wider than `width`. */
export function cutText(text: string, width: number, fits: (line: string) => number): string {
  if (fits(text) <= width) return text;
  let kept = text.length;
  while (kept > 1 && fits(`${text.slice(0, kept)}…`) > width) kept -= 1;
  return `${text.slice(0, kept).trimEnd()}…`;
}
