/** The server's idea of the time. It can be set wrong, so that a client can be watched coping with it. */

export type ServerClock = {
  /** Epoch ms, offset included. */
  now(): number;
  /** Whole epoch seconds, as tokens carry them. */
  seconds(): number;
  setOffsetSeconds(seconds: number): void;
};

/** @param read where real time comes from; epoch ms */
export function createServerClock(read: () => number = Date.now): ServerClock {
  let offsetMs = 0;
  const now = (): number => read() + offsetMs;
  return {
    now,
    seconds: () => Math.floor(now() / 1000),
    setOffsetSeconds: (seconds) => {
      offsetMs = seconds * 1000;
    },
  };
}
