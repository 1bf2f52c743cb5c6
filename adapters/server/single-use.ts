/** Remembers for a while what has been used, in this process. */
export type OnlyOnce = {
  /** False where it is taken already. */
  take(id: string, nowMs: number, forMs: number): boolean;
  /** What it was taken for did not come about. */
  giveBack(id: string): void;
};

export function onlyOnce(): OnlyOnce {
  const takenUntil = new Map<string, number>();

  /** Entries live equally long, so that the oldest stand first. */
  function forget(nowMs: number): void {
    for (const [id, until] of takenUntil) {
      if (until > nowMs) return;
      takenUntil.delete(id);
    }
  }

  return {
    take(id, nowMs, forMs) {
      forget(nowMs);
      if (takenUntil.has(id)) return false;
      takenUntil.set(id, nowMs + forMs);
      return true;
    },
    giveBack(id) {
      takenUntil.delete(id);
    },
  };
}
