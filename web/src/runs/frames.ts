// Many small things that arrive at once are taken together, once a frame.

/** Longer than a frame; a page that is not seen has no frames. */
const AT_LATEST_MS = 100;

export interface Frames<T> {
  put: (one: T) => void;
  /** Take what is there now. */
  flush: () => void;
}

export function byFrame<T>(take: (all: T[]) => void): Frames<T> {
  let waiting: T[] = [];
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = undefined;
    const all = waiting;
    waiting = [];
    if (all.length > 0) take(all);
  };
  const put = (one: T): void => {
    waiting.push(one);
    if (frame !== undefined) return;
    frame = requestAnimationFrame(flush);
    timer = setTimeout(flush, AT_LATEST_MS);
  };
  return { put, flush };
}
