import type { Socket } from 'node:net';
import { RESPONSE_BYTES_KEPT } from '../domain/response-text.js';
import type { Deadline } from './deadline.js';
import { InvalidResponse } from './response-head.js';
import { ResponseReader } from './response-reader.js';

/** A response. Its body may be incomplete: only the status decides about the delivery. */
export interface HttpResponse {
  statusCode: number;
  /** Names in lower case, with one value for each field line. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** The beginning of the body. */
  body: Buffer;
  /** From the start of the attempt to the end of the head. */
  durationMs: number;
  /** Whether the connection may carry another request. */
  reusable: boolean;
}

/** A request as bytes. */
export interface SerializedRequest {
  /** Request line and header section, in Latin-1. */
  head: string;
  body: Buffer;
  /** When the attempt started, on the monotonic clock. */
  startedAt: number;
}

/** The connection ended before the first byte of a response. */
export class ClosedBeforeResponse extends Error {
  /** The system's error code if the connection broke; undefined if the other side closed it in order. */
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException | null) {
    super('The connection was closed before any answer.', { cause });
    this.code = cause?.code;
  }
}

/** Up to this size head and body are copied into one write. Longer bodies are not copied. */
const MAX_COPIED_BYTES = 16 * 1024;

/** A connection to one origin. It carries one request at a time. Bytes that arrive while it carries none close it: they answer no request. */
export class Connection {
  private current: Exchange | null = null;
  private failure: NodeJS.ErrnoException | null = null;

  /** @param onClose is called once, when the socket has closed */
  constructor(
    private readonly socket: Socket,
    readonly origin: string,
    onClose: (connection: Connection) => void,
  ) {
    socket.on('data', (bytes: Buffer) => (this.current && !this.current.done ? this.current.received(bytes) : this.close()));
    socket.on('error', (error) => (this.failure ??= error));
    socket.on('writeFailed', (error: Error) => (this.failure ??= error));
    socket.on('end', () => this.ended());
    socket.on('close', () => {
      onClose(this);
      this.ended();
    });
  }

  /**
   * Sends a request and resolves with its response. Rejects with ClosedBeforeResponse, InvalidResponse or DeadlineExpired; then the
   * connection is closed.
   */
  async exchange({ head, body, startedAt }: SerializedRequest, deadline: Deadline): Promise<HttpResponse> {
    const exchange = new Exchange(startedAt);
    this.current = exchange;
    deadline.onExpired((error) => exchange.finish(error));
    if (this.socket.destroyed) exchange.ended(this.failure);
    if (!exchange.done) this.write(head, body);
    try {
      return await exchange.response;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.current = null;
    }
  }

  /** Whether it is open, and its last request is written completely. */
  get isReusable(): boolean {
    return this.failure === null && !this.socket.destroyed && this.socket.writable && this.socket.writableLength === 0;
  }

  close(): void {
    this.socket.destroy();
  }

  private write(head: string, body: Buffer): void {
    const { socket } = this;
    if (head.length + body.length <= MAX_COPIED_BYTES) {
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
    this.close();
  }
}

/** One request on a connection, until its response is complete or fails. */
class Exchange {
  private readonly reader = new ResponseReader(RESPONSE_BYTES_KEPT);
  private headMs = 0;
  /** The response is settled. */
  done = false;
  private resolve!: (response: HttpResponse) => void;
  private reject!: (error: Error) => void;
  readonly response = new Promise<HttpResponse>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor(private readonly startedAt: number) {}

  received(bytes: Buffer): void {
    this.read(() => this.reader.push(bytes));
  }

  /** The connection has ended. */
  ended(failure: NodeJS.ErrnoException | null): void {
    if (!this.reader.hasData) this.finish(new ClosedBeforeResponse(failure));
    else this.read(() => this.reader.end());
  }

  /** Settles the response: resolves if its head has arrived, otherwise rejects with `error`. */
  finish(error: Error): void {
    if (this.done) return;
    this.done = true;
    const { head, chunks, reusable } = this.reader;
    if (!head) return this.reject(error);
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.resolve({ statusCode: head.statusCode, headers: head.headers, body, durationMs: this.headMs, reusable });
  }

  private read(step: () => void): void {
    if (this.done) return;
    const before = this.reader.head;
    try {
      step();
    } catch (error) {
      this.finish(error as InvalidResponse);
    }
    if (!before && this.reader.head) this.headMs = Math.round(performance.now() - this.startedAt);
    // The reader is done only after a head, so the error is never used.
    if (this.reader.done) this.finish(new InvalidResponse('it has no head'));
  }
}
