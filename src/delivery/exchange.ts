import type { Socket } from 'node:net';
import { RESPONSE_BYTES_KEPT } from '../domain/response-text.js';
import { UnreadableAnswer } from './answer-head.js';
import { AnswerReader } from './answer-reader.js';
import type { AttemptDeadline } from './attempt-deadline.js';

/** What came back: the status decides, and the beginning of the body is kept. */
export interface Answer {
  statusCode: number;
  /** By name in lower case; more than one value where the header came more than once. */
  headers: ReadonlyMap<string, readonly string[]>;
  body: Buffer;
  /** From the start to the headers. */
  durationMs: number;
  /** The connection may carry another request. */
  reusable: boolean;
}

/** A request as it goes over the wire. */
export interface Written {
  /** In Latin-1. */
  head: string;
  body: Buffer;
  /** On the monotonic clock. */
  startedAt: number;
}

/** The connection ended before any byte of an answer. */
export class EndedUnanswered extends Error {
  /** The system's, where the connection broke and wasn't closed in good order. */
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException | null) {
    super('The connection was closed before any answer.', { cause });
    this.code = cause?.code;
  }
}

/** Requests up to this size are one write; longer bodies are not copied. */
const ONE_WRITE_BYTES = 16 * 1024;

/**
 * A connection that carries one exchange after the other. When it isn't carrying one, whatever comes from the other side ends it: it can't be
 * the answer to anything.
 */
export class Connection {
  private current: Exchange | null = null;
  private failure: NodeJS.ErrnoException | null = null;

  /** @param onGone is told once when it has closed */
  constructor(
    private readonly socket: Socket,
    readonly origin: string,
    onGone: (connection: Connection) => void,
  ) {
    socket.on('data', (bytes: Buffer) => (this.current && !this.current.over ? this.current.received(bytes) : this.drop()));
    socket.on('error', (error) => (this.failure ??= error));
    socket.on('refused', (error: Error) => (this.failure ??= error));
    socket.on('end', () => this.ended());
    socket.on('close', () => {
      onGone(this);
      this.ended();
    });
  }

  /** Sends a request and resolves with its answer. Rejects with EndedUnanswered, UnreadableAnswer or AttemptTimeout; then it is closed. */
  async exchange({ head, body, startedAt }: Written, limit: AttemptDeadline): Promise<Answer> {
    const exchange = new Exchange(startedAt);
    this.current = exchange;
    limit.whenOver((error) => exchange.fail(error));
    if (this.socket.destroyed) exchange.ended(this.failure);
    if (!exchange.over) this.write(head, body);
    try {
      return await exchange.answer;
    } catch (error) {
      this.drop();
      throw error;
    } finally {
      this.current = null;
    }
  }

  /** Whether another request may be written to it. */
  get free(): boolean {
    return this.failure === null && !this.socket.destroyed && this.socket.writable && this.socket.writableLength === 0;
  }

  drop(): void {
    this.socket.destroy();
  }

  private write(head: string, body: Buffer): void {
    const { socket } = this;
    if (head.length + body.length <= ONE_WRITE_BYTES) {
      const request = Buffer.allocUnsafe(head.length + body.length);
      request.write(head, 0, 'latin1');
      request.set(body, head.length);
      socket.write(request);
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }

  private ended(): void {
    this.current?.ended(this.failure);
    this.drop();
  }
}

/** One request's way through a connection: its answer, once. */
class Exchange {
  private readonly reader = new AnswerReader(RESPONSE_BYTES_KEPT);
  private headMs = 0;
  over = false;
  private resolve!: (answer: Answer) => void;
  private reject!: (error: Error) => void;
  readonly answer = new Promise<Answer>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor(private readonly startedAt: number) {}

  received(bytes: Buffer): void {
    this.reading(() => this.reader.push(bytes));
  }

  ended(failure: NodeJS.ErrnoException | null): void {
    if (!this.reader.heard) this.fail(new EndedUnanswered(failure));
    else this.reading(() => this.reader.end());
  }

  /** Ends it now; a status that is there counts. */
  fail(error: Error): void {
    if (this.over) return;
    this.over = true;
    const { head, chunks, reusable } = this.reader;
    if (!head) return this.reject(error);
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.resolve({ statusCode: head.statusCode, headers: head.headers, body, durationMs: this.headMs, reusable });
  }

  private reading(read: () => void): void {
    if (this.over) return;
    const before = this.reader.head;
    try {
      read();
    } catch (error) {
      this.fail(error as UnreadableAnswer);
    }
    if (!before && this.reader.head) this.headMs = Math.round(performance.now() - this.startedAt);
    if (this.reader.over) this.fail(new UnreadableAnswer('it has no head'));
  }
}
