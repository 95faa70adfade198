import { setTimeout as sleep } from 'node:timers/promises';
import type { RollbackEvent } from './record.js';

interface Why {
  status: 'Failed' | 'Stopped';
  /** One of https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html */
  code: string;
  trigger: RollbackEvent;
  /** What the caller of StopDeployment wants; null leaves it to the deployment group. */
  rollback?: boolean | null;
}

/** Ends a deployment before it succeeded. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly status: 'Failed' | 'Stopped';
  readonly code: string;
  readonly trigger: RollbackEvent;
  readonly rollback: boolean | null;

  constructor(message: string, { status, code, trigger, rollback = null }: Why) {
    super(message);
    this.status = status;
    this.code = code;
    this.trigger = trigger;
    this.rollback = rollback;
  }
}

/** The deployment failed by itself. */
export function failure(code: string, message: string): Interruption {
  return new Interruption(message, { status: 'Failed', code, trigger: 'DEPLOYMENT_FAILURE' });
}

/** Waits for the work, or rejects with the signal's reason as soon as it aborts. The work itself goes on. */
export async function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Waits so many real ms, or rejects with the signal's reason as soon as it aborts. */
export async function pause(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

/** Waits for the work for so many real ms; null if that was too short. Rejects with the signal's reason as soon as it aborts. */
export async function within<T>(signal: AbortSignal, ms: number, work: Promise<T>): Promise<T | null> {
  const done = new AbortController();
  try {
    const limit = pause(AbortSignal.any([signal, done.signal]), ms).then(
      () => null,
      () => null,
    );
    return await unlessStopped(signal, Promise.race([work, limit]));
  } finally {
    done.abort();
  }
}
