/** The library waits until the page is idle, which may take Chromium seconds on a busy machine. Tests cannot wait so long. */
window.requestIdleCallback = (run) => {
  queueMicrotask(() => run({ didTimeout: true, timeRemaining: () => 1 }));
  return 0;
};

export {};
