/**
 * Who waits for what. A plain reader takes whatever token serves first; a forced one only a mint that started after it
 * asked. Everybody is settled exactly once.
 */
export type Waiter = {
  readonly resolve: (token: string | null) => void;
  readonly reject: (error: Error) => void;
};

export type Readers = {
  readonly waiting: number;
  /** Waits for a token. */
  join(): Promise<string | null>;
  /** Waits for a mint with a number above `after`. */
  joinForced(after: number): Promise<string | null>;
  /** A token serves: plain readers get it. */
  serve(token: string): void;
  /** Mint `number` succeeded: those who forced before it started get what it brought. */
  serveForced(number: number, token: string): void;
  rejectPlain(error: () => Error): void;
  rejectForced(error: () => Error): void;
  /** Signed out. */
  dismiss(): void;
};

export function createReaders(): Readers {
  let plain: Waiter[] = [];
  let forced: (Waiter & { readonly after: number })[] = [];

  const takePlain = (): Waiter[] => {
    const taken = plain;
    plain = [];
    return taken;
  };
  const takeForced = (): Waiter[] => {
    const taken = forced;
    forced = [];
    return taken;
  };
  const rejectAll = (waiters: readonly Waiter[], error: () => Error): void => {
    if (waiters.length === 0) return;
    const shared = error();
    for (const { reject } of waiters) reject(shared);
  };

  return {
    get waiting() {
      return plain.length + forced.length;
    },
    join: () => new Promise((resolve, reject) => plain.push({ resolve, reject })),
    joinForced: (after) => new Promise((resolve, reject) => forced.push({ resolve, reject, after })),
    serve: (token) => {
      if (plain.length > 0) for (const { resolve } of takePlain()) resolve(token);
    },
    serveForced: (number, token) => {
      const answered = forced.filter(({ after }) => number > after);
      if (answered.length === 0) return;
      forced = forced.filter(({ after }) => number <= after);
      for (const { resolve } of answered) resolve(token);
    },
    rejectPlain: (error) => rejectAll(takePlain(), error),
    rejectForced: (error) => rejectAll(takeForced(), error),
    dismiss: () => {
      for (const { resolve } of [...takePlain(), ...takeForced()]) resolve(null);
    },
  };
}
