type Immediate = (run: () => void) => unknown;

/**
 * One turn of the real event loop: every promise job that is queued, and those that they queue, run before it resolves.
 * `setImmediate` costs 2 µs; a message port is the browser's nearest thing (timers there wait at least 4 ms).
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const immediate = (globalThis as { setImmediate?: Immediate }).setImmediate;
    if (typeof immediate === 'function') {
      immediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
