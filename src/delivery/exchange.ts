import type { Dispatcher } from 'undici';
import { RESPONSE_BYTES_KEPT } from '../domain/response-text.js';

/** What came back: the status decides, and the beginning of the body is kept. */
export interface Answer {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** From the start to the headers. */
  durationMs: number;
}

/** No complete headers within the limit. */
export class NoAnswerInTime extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * One request and its answer, on undici's dispatch: below its `request`, which makes a stream of every body, where we keep its
 * beginning only. Once the headers are there the exchange can't fail any more: a body that breaks off, or takes too
 * long, counts as far as it came. What comes after the kept part isn't read: the connection is dropped.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private controller: Dispatcher.DispatchController | null = null;
  private head: Omit<Answer, 'body'> | null = null;
  private over = false;
  private resolve!: (answer: Answer) => void;
  private reject!: (error: Error) => void;
  readonly answer = new Promise<Answer>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  /** @param startedAt on the monotonic clock */
  constructor(private readonly startedAt: number) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.over) controller.abort(new NoAnswerInTime());
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: Answer['headers']): void {
    // An interim answer (103 and the like) is none.
    if (statusCode < 200) return;
    this.head = { statusCode, headers, durationMs: Math.round(performance.now() - this.startedAt) };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.over) return;
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size <= RESPONSE_BYTES_KEPT) return;
    this.end();
    controller.abort(new Error('Enough of the answer was read.'));
  }

  onResponseEnd(): void {
    this.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(error);
  }

  /** Ends it now, whatever has come. */
  timeOut(): void {
    if (this.over) return;
    const error = new NoAnswerInTime();
    this.end(error);
    this.controller?.abort(error);
  }

  private end(error?: Error): void {
    if (this.over) return;
    this.over = true;
    const { head, chunks } = this;
    if (head) this.resolve({ ...head, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    else this.reject(error ?? new Error('The answer ended before it began.'));
  }
}
