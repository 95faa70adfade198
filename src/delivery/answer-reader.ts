import { HEAD_BYTES, readHead, UnreadableAnswer, type AnswerHead } from './answer-head.js';
import { ChunkReader } from './chunk-reader.js';
import { ByteBuffer } from './byte-buffer.js';

const CR = 0x0d;
const LF = 0x0a;
const SWITCHING_PROTOCOLS = 101;
/** More interim answers than this are no answer. */
const INTERIM_ANSWERS = 1_000;
/** And so are more bytes than this before the head, in interim answers and empty lines. */
const PASSED_OVER_BYTES = 4 * HEAD_BYTES;

/**
 * Reads one answer from the bytes of a connection, as they come, and keeps the beginning of its body.
 *
 * Interim answers (RFC 9110, 15.2) are passed over, asked for or not. Once the head of the final one is there the answer can't
 * fail any more: a body that breaks off, or that nobody could understand, counts as far as it came.
 */
export class AnswerReader {
  head: AnswerHead | null = null;
  /** The answer is here, as far as it will be read. */
  over = false;
  /** The connection may carry another request: the answer has ended, clearly, and nothing came behind it. */
  reusable = false;
  /** Whether anything came at all. */
  heard = false;
  readonly chunks: Buffer[] = [];
  private size = 0;
  private readonly held = new ByteBuffer();
  private searched = 0;
  private interim = 0;
  private passedOver = 0;
  private chunked: ChunkReader | null = null;
  private left = 0;
  private oddStart = false;

  /** @param most bytes of the body that are kept; what comes after them isn't read */
  constructor(private readonly most: number) {}

  /** Takes what came. Throws UnreadableAnswer. */
  push(bytes: Buffer): void {
    this.heard = true;
    let rest: Buffer | null = bytes;
    if (!this.head) rest = this.readHeads(bytes);
    if (rest && this.head && !this.over) this.readBody(rest);
  }

  /** The other side has closed. Throws UnreadableAnswer where it broke off within the head. */
  end(): void {
    if (this.over) return;
    if (!this.head) throw new UnreadableAnswer('it ended within its headers');
    this.over = true;
  }

  /** Bytes that follow the head; null while there is none. */
  private readHeads(bytes: Buffer): Buffer | null {
    let rest = this.held.followedBy(bytes);
    for (;;) {
      rest = this.withoutEmptyLines(rest);
      const end = endOfHead(rest, this.searched);
      if ((end?.next ?? rest.length) > HEAD_BYTES) throw new UnreadableAnswer('its headers are longer than 64 KB');
      if (!end) {
        if (!couldBegin(rest)) readHead(rest.toString('latin1', 0, HEAD_BYTES));
        this.held.hold(rest.length);
        // The end may have begun within the last bytes.
        this.searched = Math.max(0, rest.length - 3);
        return null;
      }
      const head = readHead(rest.toString('latin1', 0, end.at));
      if (end.odd || this.oddStart) head.keepsConnection = false;
      rest = rest.subarray(end.next);
      this.searched = 0;
      if (head.statusCode >= 200 || head.statusCode === SWITCHING_PROTOCOLS) {
        this.begin(head);
        return rest;
      }
      if (!head.keepsConnection) this.oddStart = true;
      if (++this.interim > INTERIM_ANSWERS) throw new UnreadableAnswer(`it has more than ${INTERIM_ANSWERS} interim answers`);
      this.passOver(end.next);
    }
  }

  private passOver(bytes: number): void {
    this.passedOver += bytes;
    if (this.passedOver > PASSED_OVER_BYTES) {
      throw new UnreadableAnswer(`more than ${PASSED_OVER_BYTES / 1024} KB come before its status`);
    }
  }

  /** Some servers end a body with an empty line that its length doesn't count. */
  private withoutEmptyLines(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) at += bytes[at] === LF ? 1 : 2;
    if (at === 0) return bytes;
    this.oddStart = true;
    this.passOver(at);
    return bytes.subarray(at);
  }

  private begin(head: AnswerHead): void {
    this.head = head;
    const { framing } = head;
    if (framing.kind === 'chunked') this.chunked = new ChunkReader();
    if (framing.kind === 'length') this.left = framing.bytes;
    // A 101 would go on in another protocol; nobody asked for one.
    if (head.statusCode === SWITCHING_PROTOCOLS) head.keepsConnection = false;
  }

  private readBody(bytes: Buffer): void {
    const { kind } = this.head!.framing;
    if (kind === 'none') return this.finish(bytes.length === 0);
    if (kind === 'length') {
      const data = bytes.subarray(0, this.left);
      this.keep(data);
      this.left -= data.length;
      if (this.left === 0) this.finish(data.length === bytes.length);
    } else if (kind === 'chunked') {
      const used = this.chunked!.read(bytes, (data) => this.keep(data));
      if (this.chunked!.state === 'broken') this.finish(false);
      if (this.chunked!.state === 'ended') this.finish(used === bytes.length && !this.chunked!.odd);
    } else {
      this.keep(bytes);
      // Nothing says where it ends: what came with the head is enough, or it could last for ever.
      if (kind === 'unknown') this.finish(false);
    }
  }

  private keep(data: Buffer): void {
    if (data.length === 0 || this.size > this.most) return;
    this.chunks.push(data);
    this.size += data.length;
    if (this.size > this.most) this.over = true;
  }

  private finish(clearly: boolean): void {
    if (this.over) return;
    this.over = true;
    this.reusable = clearly && this.head!.keepsConnection;
  }
}

/** Where the head ends, at its empty line, and where what follows begins. `odd`: a bare LF stands there. */
function endOfHead(bytes: Buffer, from: number): { at: number; next: number; odd: boolean } | null {
  for (let lf = bytes.indexOf(LF, from); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
    const crlf = bytes[lf + 1] === CR && bytes[lf + 2] === LF;
    if (!crlf && bytes[lf + 1] !== LF) continue;
    const bare = bytes[lf - 1] !== CR;
    return { at: bare ? lf : lf - 1, next: lf + (crlf ? 3 : 2), odd: bare || !crlf };
  }
  return null;
}

/** Whether it looks like an answer so far; what doesn't need not be waited for. */
function couldBegin(bytes: Buffer): boolean {
  // An empty line, as far as it has come.
  if (bytes.length === 1 && bytes[0] === CR) return true;
  const start = bytes.toString('latin1', 0, 5).toUpperCase();
  return 'HTTP/'.startsWith(start);
}
