import { startCountdown } from '../async/time-limit.js';

/** A call to the queue got no answer in time. It may have been carried out nevertheless. */
export class QueueTimeout extends Error {
  override readonly name = 'QueueTimeout';

  constructor(ms: number) {
    super(`no answer from the queue within ${ms} ms`);
  }
}

/** A call was ended because its caller stops. */
export class CallStopped extends Error {
  override readonly name = 'CallStopped';
}

/**
 * Runs one call, with the SDK's own retry and its search for credentials, for at most `ms`, and no longer than until `stop`; `work`
 * passes the options on to the SDK. Throws QueueTimeout or CallStopped. The time that this process was late itself does not count.
 */
export function within<T>(
  ms: number,
  work: (options: { abortSignal: AbortSignal }) => Promise<T>,
  stop?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const release = () => {
      stopCounting();
      stop?.removeEventListener('abort', onStop);
    };
    const end = (error: Error) => {
      release();
      // Rejecting first: the SDK may not heed the signal at once, and its own error says less.
      reject(error);
      controller.abort(error);
    };
    const onStop = () => end(new CallStopped('the call was stopped'));
    const stopCounting = startCountdown(ms, () => end(new QueueTimeout(ms)));
    stop?.addEventListener('abort', onStop);
    if (stop?.aborted) onStop();
    const call = async () => work({ abortSignal: controller.signal });
    void call().then(resolve, reject).finally(release);
  });
}
