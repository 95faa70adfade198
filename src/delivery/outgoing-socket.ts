/* oxlint-disable no-underscore-dangle -- these are the names of Node's hooks for those who make a stream */
import { Socket } from 'node:net';

/** What a write meets when the other side has closed. */
const CLOSED_THERE = new Set(['EPIPE', 'ECONNRESET']);

/**
 * A socket that goes on reading when the other side takes no more. Who refuses a body before it has come answers and closes; Node ends a socket
 * at the first write that fails, and throws away an answer that has arrived and wasn't read yet. Here such a write is told by the event `refused`, and the
 * socket ends when there is nothing left to read.
 */
export class OutgoingSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    super._write(chunk, encoding, this.unlessClosed(done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    super._writev!(chunks, this.unlessClosed(done));
  }

  private unlessClosed(done: (error?: Error | null) => void) {
    return (error?: NodeJS.ErrnoException | null) => {
      if (!error || !CLOSED_THERE.has(String(error.code))) return done(error);
      this.emit('refused', error);
      done();
    };
  }
}
