/** elkjs in a worker: a large chart takes it a second or two, and the page goes on meanwhile. */
import Elk, { type ELK } from 'elkjs/lib/elk-api';

/** The worker's script, put in by build.ts: the page is one file, and loads nothing. */
declare const ELK_WORKER: string;

/** The default export of a CommonJS module arrives in either way, depending on who bundles. */
export function createElk(): ELK {
  const url = URL.createObjectURL(new Blob([ELK_WORKER], { type: 'text/javascript' }));
  return new Elk({ workerFactory: () => new Worker(url) });
}
