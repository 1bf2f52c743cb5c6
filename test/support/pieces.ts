/** Looks for pieces of secrets in whatever was said. */

export const pieceLength = 16;

/** The runs of characters in a text that a piece of a token could be part of. */
export const runsIn = (text: string): string[] => text.match(/[\w.-]{16,}/g) ?? [];

/** Every piece of a secret, 16 characters long, that stands in one of the runs; told by its place alone. The first five. */
export function findPieces(secrets: readonly string[], runs: Iterable<string>): string[] {
  const seen = new Set<string>();
  for (const run of runs) {
    for (let at = 0; at + pieceLength <= run.length; at += 1) seen.add(run.slice(at, at + pieceLength));
  }
  const found: string[] = [];
  for (const secret of secrets) {
    for (let at = 0; at + pieceLength <= secret.length; at += 1) {
      if (seen.has(secret.slice(at, at + pieceLength)))
        found.push(`characters ${at} to ${at + pieceLength} of a token`);
    }
  }
  return found.slice(0, 5);
}
