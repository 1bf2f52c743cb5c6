/** Adapters may answer at once or later, and not every promise is one of this realm. */
export const isPromiseLike = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** Goes on at once where it can: a synchronous adapter stays synchronous. */
export const chain = <T, R>(value: T | PromiseLike<T>, next: (value: T) => R | PromiseLike<R>): R | PromiseLike<R> =>
  isPromiseLike(value) ? value.then(next) : next(value);
