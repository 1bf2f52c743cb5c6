import type { LoggedRequest } from '../../server/request-log';

/** How a request ended, in a word, and whether that is good. */
export function outcomeOf({ outcome, status }: LoggedRequest): {
  readonly text: string;
  readonly kind: 'good' | 'bad' | 'pending';
} {
  if (outcome === 'pending') return { text: '…', kind: 'pending' };
  if (outcome !== 'answered') return { text: outcome, kind: 'bad' };
  return { text: String(status), kind: status !== null && status < 400 ? 'good' : 'bad' };
}

/** Small print, in the order in which it is read: who asked, what was played, what was said. */
export function notes({ cause, attempt, presentedExpired, code, fault }: LoggedRequest): readonly string[] {
  return [
    ...(cause ? [attempt !== undefined && attempt > 1 ? `${cause}, attempt ${attempt}` : cause] : []),
    ...(presentedExpired ? ['last token presented'] : []),
    ...(code ? [code] : fault && fault !== 'outage' ? [`fault: ${fault}`] : []),
  ];
}

/** Calls of the API that went well, one after the other, are one row: they would push the rest out of sight. */
export type Run = { readonly entry: LoggedRequest; readonly count: number };

const isRoutine = ({ path, status }: LoggedRequest): boolean => path.startsWith('/api/') && status === 200;

export function inRuns(entries: readonly LoggedRequest[]): Run[] {
  const runs: Run[] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last && isRoutine(last.entry) && isRoutine(entry)) runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ entry, count: 1 });
  }
  return runs;
}
