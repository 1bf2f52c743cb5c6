/** How long a request may be kept waiting by somebody else's code. */
export const answerDeadlineMs = 10_000;

/**
 * Runs something that may never settle.
 *
 * @param run gets a signal that is aborted at the deadline; whatever it does afterwards is ignored
 * @throws what `run` throws, or a `TimeoutError` after `ms`
 */
export async function withDeadline<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`No answer within ${ms} ms.`, 'TimeoutError');
      abort.abort(error);
      reject(error);
    }, ms);
  });
  try {
    return await Promise.race([run(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
