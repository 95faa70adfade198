import { Injectable } from '@nestjs/common';
import { errorFields, Log } from '../observability/log.js';
import type { ErrorClass } from './error-classes.js';
import { classOf } from './errors.js';

/**
 * After a failed write the database counts as not writable for at least so long, in ms. Small writes may still find room while large ones
 * fail, so that one success says little.
 */
const HOLD_MS = 5_000;

/** What to do, by the class of the error. Errors of other classes say nothing about writing. */
const ADVICE: Partial<Record<ErrorClass, string>> = {
  full: 'Give the database more space, or remove what takes it.',
  readOnly: 'After a fail-over this passes by itself: new connections find the new writer. Otherwise allow writes again.',
  failing: 'Look at the disk of the database and at its own log.',
  damaged: 'Restore the database from a backup, or repair it.',
};

/** An embedded database has no fail-over: its file is gone, was replaced, or may not be written. */
const EMBEDDED_READ_ONLY = 'Put the file of the database back where it was, and let this process write it and its folder.';

/** What an operator can do about an error because of which the database can't be written; '' for any other error. */
export function adviceOn(error: unknown): string {
  const errorClass = classOf(error);
  if (errorClass === 'readOnly' && errorFields(error).errorCode?.startsWith('SQLITE_')) return EMBEDDED_READ_ONLY;
  return ADVICE[errorClass] ?? '';
}

/**
 * Whether the database can be written, as this process knows it from its own writes and from the probe of the health check. While it can't,
 * the worker claims nothing: what it sent could not be settled, and would be sent again. One line is logged when that begins, and one when
 * it is over.
 *
 * It is in memory only. A new process finds out by itself.
 */
@Injectable()
export class WriteState {
  private failure: unknown = null;
  private since = 0;
  private lastFailedAt = 0;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly log: Log) {}

  /** False from a write that failed because of the database's state, until writes succeed again. */
  get canWrite(): boolean {
    return this.failure === null;
  }

  /** The error because of which it can't be written; null if it can. */
  get problem(): unknown {
    return this.failure;
  }

  /** Calls `listener` after each change of `canWrite`. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Something failed. Answers whether that says that the database can't be written. */
  failed(error: unknown, now = performance.now()): boolean {
    const errorClass = classOf(error);
    const advice = adviceOn(error);
    if (advice === '') return false;
    this.lastFailedAt = now;
    if (this.failure !== null) return true;
    this.failure = error;
    this.since = now;
    const effect = 'requests that write get 503; no delivery is claimed';
    // A fail-over passes; for the others somebody has to do something.
    this.log[errorClass === 'readOnly' ? 'warn' : 'error']('database.not_writable', {
      reason: errorClass,
      ...errorFields(error),
      effect,
      advice,
    });
    this.changed();
    return true;
  }

  /** A write was committed. */
  succeeded(now = performance.now()): void {
    if (this.failure === null || now - this.lastFailedAt < HOLD_MS) return;
    this.failure = null;
    this.log.info('database.writable', { awayMs: Math.round(now - this.since) });
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
