/** A wait is counted in slices. None is shorter than this. */
const MIN_SLICE_MS = 10;
/** A long wait has at most so many slices, so that counting costs next to nothing. */
const MAX_SLICES = 100;
/** While something is received, the wait may last so many times as long. */
const MAX_EXTENSIONS = 10;

/**
 * Calls `late` once, when this process has waited for `ms` of its own running time. Call the result to stop the countdown.
 *
 * Time during which the process itself stood still (a long turn of the event loop, no CPU, SIGSTOP) does not count: it is not the server's
 * fault. Therefore the wait is counted in slices of 10 ms, or of a hundredth of it if that is longer. A slice counts its own length, however
 * late its timer is, and only after the sockets have been read once more. So a server is late only after a hundred turns of the event loop
 * (five for 50 ms) brought no answer.
 *
 * `received` answers how much came from the server so far, in answer to any caller. While that grows, the count starts again, ten times at most.
 */
export function startCountdown(ms: number, late: () => void, received?: () => number): () => void {
  const sliceMs = Math.min(ms, Math.max(MIN_SLICE_MS, ms / MAX_SLICES));
  const slices = Math.ceil(ms / sliceMs);
  let left = slices;
  let leftAtMost = slices * MAX_EXTENSIONS;
  let before = received?.();
  let afterPoll: NodeJS.Immediate | undefined;
  const count = () => {
    const now = received?.();
    left = now === before ? left - 1 : slices;
    leftAtMost -= 1;
    before = now;
    if (left > 0 && leftAtMost > 0) timer.refresh();
    else late();
  };
  // Immediates run after the poll phase: what was there to be read has been read, and the promises that waited for it have gone on.
  const timer = setTimeout(() => (afterPoll = setImmediate(count)), sliceMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(afterPoll);
  };
}

/** There was no answer in time. What was asked for may have been done nevertheless. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export interface TimeoutOptions {
  /** Makes the error for work that takes too long. Without this option it is TimedOut. */
  late?(): Error;
  /** Aborting this signal ends the wait early. Its reason is the error. */
  stop?: AbortSignal | undefined;
  /** See `startCountdown`. */
  received?(): number;
}

/**
 * Resolves with the result of `work` if it comes within `ms` of this process's own running time (see `startCountdown`). Otherwise it
 * rejects, and aborts the signal that `work` was given. What comes of `work` after that is ignored.
 */
export function withTimeout<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  { late, stop, received }: TimeoutOptions = {},
): Promise<T> {
  const abort = new AbortController();
  return new Promise((resolve, reject) => {
    const release = () => {
      stopCountdown();
      stop?.removeEventListener('abort', onStop);
    };
    const giveUp = (error: unknown) => {
      release();
      // Rejects before it aborts: the error that `work` ends with when it heeds the signal says less.
      reject(error);
      abort.abort(error);
    };
    const onStop = () => giveUp(stop?.reason);
    const stopCountdown = startCountdown(ms, () => giveUp(late?.() ?? new TimedOut(ms)), received);
    stop?.addEventListener('abort', onStop);
    if (stop?.aborted) onStop();
    const call = async () => work(abort.signal);
    void call().then(resolve, reject).finally(release);
  });
}
