import { MAX_HEAD_BYTES } from './response-head.js';

const CR = 0x0d;
const LF = 0x0a;
/** The longest line with a chunk's size and extensions. */
const MAX_SIZE_LINE_BYTES = 4_096;
/** The part of a size line that counts as the size. What is longer counts as extensions, which together have the limit below. */
const SIZE_BYTES = 32;
const MAX_EXTENSION_BYTES = 16 * 1024;
const SIZE_LINE = /^[ \t]*([0-9a-f]{1,13})[ \t]*(?:;.*)?\r?$/is;

/**
 * Reads a body in the chunked transfer coding (RFC 9112, 7.1) as it arrives. It ignores chunk extensions, the trailer section, and spaces
 * around a chunk size. If the chunks are invalid, the body ends there and the data before counts.
 */
export class ChunkReader {
  state: 'incomplete' | 'complete' | 'invalid' = 'incomplete';
  /** A line ended with LF alone. Other HTTP implementations may see another end of the body. */
  hasBareLf = false;
  private readonly line: number[] = [];
  private expected: 'size' | 'data' | 'end of data' | 'trailer' = 'size';
  /** Bytes of the chunk's data that have not arrived. */
  private remaining = 0;
  private trailerBytes = 0;
  private extensionBytes = 0;

  /** Calls `onData` with each piece of data in `bytes`. Returns how many of the bytes belong to the body. */
  read(bytes: Buffer, onData: (data: Buffer) => void): number {
    let position = 0;
    while (position < bytes.length && this.state === 'incomplete') {
      if (this.expected === 'data') {
        const data = bytes.subarray(position, position + this.remaining);
        onData(data);
        position += data.length;
        this.remaining -= data.length;
        if (this.remaining === 0) this.expected = 'end of data';
      } else {
        this.readLineByte(bytes[position++]!);
      }
    }
    return position;
  }

  private readLineByte(byte: number): void {
    if (byte !== LF) {
      this.line.push(byte);
      const maxLength = this.expected === 'end of data' ? 1 : MAX_SIZE_LINE_BYTES;
      if (this.expected === 'trailer') {
        if (++this.trailerBytes > MAX_HEAD_BYTES) this.state = 'invalid';
      } else if (this.line.length > maxLength || (this.expected === 'end of data' && byte !== CR)) this.state = 'invalid';
      return;
    }
    if (this.line.at(-1) !== CR) this.hasBareLf = true;
    const line = String.fromCharCode(...(this.expected === 'trailer' ? this.line.slice(0, 2) : this.line));
    this.line.length = 0;
    this.endLine(line);
  }

  private endLine(line: string): void {
    if (this.expected === 'end of data') this.expected = 'size';
    else if (this.expected === 'trailer') {
      if (line === '' || line === '\r') this.state = 'complete';
    } else {
      const [, size] = SIZE_LINE.exec(line) ?? [];
      this.remaining = parseInt(size ?? '', 16);
      this.extensionBytes += Math.max(0, line.length - SIZE_BYTES);
      if (size === undefined || this.extensionBytes > MAX_EXTENSION_BYTES) this.state = 'invalid';
      else this.expected = this.remaining === 0 ? 'trailer' : 'data';
    }
  }
}
