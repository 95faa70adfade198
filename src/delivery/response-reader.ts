import { ByteBuffer } from './byte-buffer.js';
import { ChunkReader } from './chunk-reader.js';
import { InvalidResponse, MAX_HEAD_BYTES, parseHead, type ResponseHead } from './response-head.js';

const CR = 0x0d;
const LF = 0x0a;
const SWITCHING_PROTOCOLS = 101;
const MAX_INTERIM_RESPONSES = 1_000;
/** The most bytes before the head of the final response: interim responses and empty lines. */
const MAX_SKIPPED_BYTES = 4 * MAX_HEAD_BYTES;

/**
 * Reads one response from the bytes of a connection as they arrive, and keeps the beginning of its body.
 *
 * Interim responses (RFC 9110, 15.2) are skipped, whether they were requested or not. Once the head of the final response is complete, the
 * response cannot fail any more: if the body breaks off or is invalid, what came of it counts.
 */
export class ResponseReader {
  /** Head of the final response; null until it is complete. */
  head: ResponseHead | null = null;
  /** No more of the response will be read. */
  done = false;
  /** The connection may carry another request: the response has ended, unambiguously, and no bytes came behind it. */
  reusable = false;
  /** Whether any byte came. */
  hasData = false;
  /** The beginning of the body. */
  readonly chunks: Buffer[] = [];
  private size = 0;
  private readonly unparsed = new ByteBuffer();
  /** Where in the unparsed bytes the search for the end of the head continues. */
  private searchFrom = 0;
  private interimResponses = 0;
  private skippedBytes = 0;
  private chunked: ChunkReader | null = null;
  /** Bytes of a body with a length that have not arrived. */
  private remaining = 0;
  /** Something before the final response was irregular. */
  private irregularStart = false;

  /** @param maxBodyBytes reading stops when more of the body has arrived */
  constructor(private readonly maxBodyBytes: number) {}

  /** Reads bytes that have arrived. Throws InvalidResponse. */
  push(bytes: Buffer): void {
    this.hasData = true;
    let rest: Buffer | null = bytes;
    if (!this.head) rest = this.readHeads(bytes);
    if (rest && this.head && !this.done) this.readBody(rest);
  }

  /** The connection has ended. Throws InvalidResponse if the head is incomplete. */
  end(): void {
    if (this.done) return;
    if (!this.head) throw new InvalidResponse('it ended within its headers');
    this.done = true;
  }

  /** Skips interim responses and reads the head of the final one. Returns the bytes behind it; null if it is incomplete. */
  private readHeads(bytes: Buffer): Buffer | null {
    let rest = this.unparsed.append(bytes);
    for (;;) {
      rest = this.withoutEmptyLines(rest);
      const end = endOfHead(rest, this.searchFrom);
      if ((end?.next ?? rest.length) > MAX_HEAD_BYTES) throw new InvalidResponse('its headers are longer than 64 KB');
      if (!end) {
        // Throws now: what does not begin like a response does not become one.
        if (!canBecomeResponse(rest)) parseHead(rest.toString('latin1', 0, MAX_HEAD_BYTES));
        this.unparsed.keepLast(rest.length);
        // The last three bytes may be the beginning of the empty line.
        this.searchFrom = Math.max(0, rest.length - 3);
        return null;
      }
      const head = parseHead(rest.toString('latin1', 0, end.at));
      if (end.irregular || this.irregularStart) head.keepsConnection = false;
      rest = rest.subarray(end.next);
      this.searchFrom = 0;
      if (head.statusCode >= 200 || head.statusCode === SWITCHING_PROTOCOLS) {
        this.beginBody(head);
        return rest;
      }
      if (!head.keepsConnection) this.irregularStart = true;
      if (++this.interimResponses > MAX_INTERIM_RESPONSES)
        throw new InvalidResponse(`it has more than ${MAX_INTERIM_RESPONSES} interim answers`);
      this.skip(end.next);
    }
  }

  private skip(bytes: number): void {
    this.skippedBytes += bytes;
    if (this.skippedBytes > MAX_SKIPPED_BYTES)
      throw new InvalidResponse(`more than ${MAX_SKIPPED_BYTES / 1024} KB come before its status`);
  }

  /** Some servers send an empty line after a body that its length does not include. */
  private withoutEmptyLines(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) at += bytes[at] === LF ? 1 : 2;
    if (at === 0) return bytes;
    this.irregularStart = true;
    this.skip(at);
    return bytes.subarray(at);
  }

  private beginBody(head: ResponseHead): void {
    this.head = head;
    const { framing } = head;
    if (framing.kind === 'chunked') this.chunked = new ChunkReader();
    if (framing.kind === 'length') this.remaining = framing.bytes;
    // After a 101 the connection has another protocol. No request asked for one.
    if (head.statusCode === SWITCHING_PROTOCOLS) head.keepsConnection = false;
  }

  private readBody(bytes: Buffer): void {
    const { kind } = this.head!.framing;
    if (kind === 'none') return this.finish(bytes.length === 0);
    if (kind === 'length') {
      const data = bytes.subarray(0, this.remaining);
      this.keep(data);
      this.remaining -= data.length;
      if (this.remaining === 0) this.finish(data.length === bytes.length);
    } else if (kind === 'chunked') {
      const used = this.chunked!.read(bytes, (data) => this.keep(data));
      if (this.chunked!.state === 'invalid') this.finish(false);
      if (this.chunked!.state === 'complete') this.finish(used === bytes.length && !this.chunked!.hasBareLf);
    } else {
      this.keep(bytes);
      // The end of the body cannot be found. To wait for more bytes could take until the time limit.
      if (kind === 'unknown') this.finish(false);
    }
  }

  private keep(data: Buffer): void {
    if (data.length === 0 || this.size > this.maxBodyBytes) return;
    this.chunks.push(data);
    this.size += data.length;
    if (this.size > this.maxBodyBytes) this.done = true;
  }

  /** @param unambiguous whether the body ended where the bytes end, for every implementation */
  private finish(unambiguous: boolean): void {
    if (this.done) return;
    this.done = true;
    this.reusable = unambiguous && this.head!.keepsConnection;
  }
}

/** Where the head ends (`at`) and what follows its empty line begins (`next`). `irregular`: one of these lines ends with LF alone. */
function endOfHead(bytes: Buffer, from: number): { at: number; next: number; irregular: boolean } | null {
  for (let lf = bytes.indexOf(LF, from); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
    const isCrLf = bytes[lf + 1] === CR && bytes[lf + 2] === LF;
    if (!isCrLf && bytes[lf + 1] !== LF) continue;
    const isBareLf = bytes[lf - 1] !== CR;
    return { at: isBareLf ? lf : lf - 1, next: lf + (isCrLf ? 3 : 2), irregular: isBareLf || !isCrLf };
  }
  return null;
}

/** Whether these bytes can be the beginning of a response. */
function canBecomeResponse(bytes: Buffer): boolean {
  // The beginning of an empty line.
  if (bytes.length === 1 && bytes[0] === CR) return true;
  const start = bytes.toString('latin1', 0, 5).toUpperCase();
  return 'HTTP/'.startsWith(start);
}
