import { overviewSvg } from './overview';
import { partSvg, parts } from './parts';

/** Each file of this folder that is drawn, by name. */
export async function diagrams(): Promise<ReadonlyMap<string, string>> {
  const files = new Map([['overview.svg', await overviewSvg()]]);
  for (const part of parts) files.set(`${part.name}.svg`, await partSvg(part));
  return files;
}
