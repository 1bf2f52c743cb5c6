const frameMs = 80;

/** Calls `tick` about twelve times a second while the page is seen, and not at all while it is not. */
export function createTicker(tick: (nowMs: number) => void): void {
  let last = 0;
  const frame = (at: number): void => {
    if (at - last >= frameMs) {
      last = at;
      tick(Date.now());
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
