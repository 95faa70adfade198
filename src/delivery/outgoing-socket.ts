/* oxlint-disable no-underscore-dangle -- Node's names for the methods that a stream implements */
import { Socket } from 'node:net';

/** Error codes of a write after the other side has closed. */
const CLOSED_BY_PEER = new Set(['EPIPE', 'ECONNRESET']);

/**
 * A socket that can still be read after a write has failed because the other side closed.
 *
 * A server may answer before it has read the whole body, and close. Node destroys a socket at the first failed write, with the bytes of a
 * response that were not read yet. This socket emits `writeFailed` instead, and ends when everything is read.
 */
export class OutgoingSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    super._write(chunk, encoding, this.keepOpen(done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    super._writev!(chunks, this.keepOpen(done));
  }

  private keepOpen(done: (error?: Error | null) => void) {
    return (error?: NodeJS.ErrnoException | null) => {
      if (!error || !CLOSED_BY_PEER.has(String(error.code))) return done(error);
      this.emit('writeFailed', error);
      done();
    };
  }
}
