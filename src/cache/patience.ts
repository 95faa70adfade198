/** No answer within the time that a caller can wait. */
export class CacheTimeout extends Error {
  override readonly name = 'CacheTimeout';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/**
 * Waits for `work`, at most about `ms`, else throws CacheTimeout; `work` itself goes on. The time is counted in two halves: a
 * process that stood still for longer (a long turn of its event loop) loses one of them, and still gets to read an answer
 * that arrived meanwhile.
 */
export function patience<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new CacheTimeout(ms));
    let timer = setTimeout(() => (timer = setTimeout(late, ms / 2)), ms / 2);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
