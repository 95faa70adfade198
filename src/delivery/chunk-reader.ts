import { HEAD_BYTES } from './answer-head.js';

const CR = 0x0d;
const LF = 0x0a;
/** Longest line that says the length of a chunk, extensions included. */
const LENGTH_LINE_BYTES = 4_096;
/** What a length line may have free of charge, and what all of them may have beyond that: lengths need a few bytes, the rest is extensions. */
const FREE_LINE_BYTES = 32;
const EXTENSION_BYTES = 16 * 1024;
const LENGTH = /^[ \t]*([0-9a-f]{1,13})[ \t]*(?:;.*)?\r?$/is;

/**
 * A body in chunks (RFC 9112, 7.1), as it comes. Extensions and trailers are passed over, and so are spaces around a length. Where the chunks can't
 * be understood the body ends: `state` is broken then, and what had come so far stands.
 */
export class ChunkReader {
  state: 'going-on' | 'ended' | 'broken' = 'going-on';
  /** A line ended without a CR: then others may have read it in another way. */
  odd = false;
  private readonly line: number[] = [];
  private at: 'length' | 'data' | 'after-data' | 'trailer' = 'length';
  private left = 0;
  private trailerBytes = 0;
  private extensionBytes = 0;

  /** Hands the data in these bytes to `keep`. Returns how many of the bytes belong to the body. */
  read(bytes: Buffer, keep: (data: Buffer) => void): number {
    let position = 0;
    while (position < bytes.length && this.state === 'going-on') {
      if (this.at === 'data') {
        const data = bytes.subarray(position, position + this.left);
        keep(data);
        position += data.length;
        this.left -= data.length;
        if (this.left === 0) this.at = 'after-data';
      } else {
        this.character(bytes[position++]!);
      }
    }
    return position;
  }

  private character(byte: number): void {
    if (byte !== LF) {
      this.line.push(byte);
      const most = this.at === 'after-data' ? 1 : LENGTH_LINE_BYTES;
      if (this.at === 'trailer') {
        if (++this.trailerBytes > HEAD_BYTES) this.state = 'broken';
      } else if (this.line.length > most || (this.at === 'after-data' && byte !== CR)) this.state = 'broken';
      return;
    }
    if (this.line.at(-1) !== CR) this.odd = true;
    const line = String.fromCharCode(...(this.at === 'trailer' ? this.line.slice(0, 2) : this.line));
    this.line.length = 0;
    this.lineEnded(line);
  }

  private lineEnded(line: string): void {
    if (this.at === 'after-data') this.at = 'length';
    else if (this.at === 'trailer') {
      if (line === '' || line === '\r') this.state = 'ended';
    } else {
      const [, length] = LENGTH.exec(line) ?? [];
      this.left = parseInt(length ?? '', 16);
      this.extensionBytes += Math.max(0, line.length - FREE_LINE_BYTES);
      if (length === undefined || this.extensionBytes > EXTENSION_BYTES) this.state = 'broken';
      else this.at = this.left === 0 ? 'trailer' : 'data';
    }
  }
}
