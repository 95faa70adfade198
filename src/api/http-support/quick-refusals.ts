import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { requestIdOf } from '../../observability/request-log.js';

/** After this time Node sees one request of the connection again. It must be shorter than the time limit of idle connections, which count Node's requests. */
const QUICK_MS = 10_000;
/** What Node takes for a head without a doubt. Everything else is left to Node. */
const HEAD = /^POST (\/[^ \r\n]*) HTTP\/1\.1\r\n(?:[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+\r\n$/;
const FIELDS =
  /\r\n(authorization|connection|content-length|expect|origin|svix-req-id|transfer-encoding|upgrade|x-amzn-trace-id|x-request-id):[\t ]*([^\r]*)/gi;
const ONLY_NODE = ['expect', 'origin', 'transfer-encoding', 'upgrade'] as const;
const HEAD_END = '\r\n\r\n';

/** Says whether a request is refused, and counts it if so. */
export type RefusesPost = (url: string, authorization: string | undefined) => boolean;

/** Makes the whole answer, status line and body, to a refused request with this id. */
export type Refusal = (requestId: string) => string;

/**
 * Answers requests of a connection, as long as they are refused, without Node's parser and objects: in an overload most requests are refused, and
 * this takes a third of the CPU time.
 *
 * A chunk is read here only if Node is known to be between two requests of the connection, and all of them are answered: when the chunk before was one whole request,
 * and Node made of it just that request. Otherwise a chunk might be the body of a request that looks like one, or its answer might come before that of an earlier request.
 * The first request that is not refused, and anything unusual, goes to Node. So nothing is ever carried out that Node has not parsed.
 */
export class QuickRefusals {
  private readonly followed = new WeakSet<Socket>();
  /** What Node makes of the chunk that it reads right now. */
  private watched: { socket: Socket; parsed: Parsed[] } | null = null;

  constructor(
    private readonly refuses: RefusesPost,
    private readonly refusal: Refusal,
  ) {}

  /** Call it with each request that Node has parsed. */
  note(request: IncomingMessage, response: ServerResponse): void {
    if (this.watched?.socket === request.socket) this.watched.parsed.push({ request, response });
  }

  /** Looks at what comes on this connection next. Call it with a refusal by Node; its body may still arrive. */
  follow(response: ServerResponse): void {
    const { socket } = response.req;
    if (this.followed.has(socket)) return;
    this.followed.add(socket);
    response.once('close', () => this.read(socket, false));
  }

  /** @param between whether Node is between two requests */
  private read(socket: Socket, between: boolean): void {
    const until = performance.now() + QUICK_MS;
    const parsers = socket.listeners('data') as ((chunk: Buffer) => void)[];
    const read = (chunk: Buffer) => {
      const isFree = between && socket.writableLength === 0 && performance.now() < until;
      const requestId = isFree ? refusedId(chunk, this.refuses) : null;
      if (requestId !== null) return void socket.write(this.refusal(requestId), 'latin1');
      // Only this listener is replaced, so that the connection goes on flowing.
      for (const parse of parsers) socket.on('data', parse);
      socket.off('data', read);
      this.handToNode(socket, parsers, chunk);
    };
    // With a new listener Node's parser no longer reads from the socket by itself.
    socket.on('data', read);
    for (const parse of parsers) socket.off('data', parse);
  }

  private handToNode(socket: Socket, parsers: ((chunk: Buffer) => void)[], chunk: Buffer): void {
    const watched = { socket, parsed: [] as Parsed[] };
    this.watched = watched;
    try {
      for (const parse of parsers) parse.call(socket, chunk);
    } finally {
      this.watched = null;
    }
    const [only, another] = watched.parsed;
    if (!only || another || !isJust(chunk, only.request)) return void this.followed.delete(socket);
    const { bytesRead } = socket;
    only.response.once('close', () => {
      const { writableFinished, shouldKeepAlive } = only.response;
      if (writableFinished && shouldKeepAlive && socket.writable && socket.bytesRead === bytesRead) this.read(socket, true);
      else this.followed.delete(socket);
    });
  }
}

interface Parsed {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Whether the chunk is this request, whole, and nothing else. */
function isJust(chunk: Buffer, request: IncomingMessage): boolean {
  const headLength = chunk.indexOf(HEAD_END) + HEAD_END.length;
  const head = chunk.toString('latin1', 0, headLength);
  if (HEAD.exec(head)?.[1] !== request.url || request.headers['transfer-encoding'] !== undefined) return false;
  // The line of the request, one for each header, and the empty one.
  const isSame = head.split('\r\n').length - 3 === request.rawHeaders.length / 2;
  return isSame && request.complete && headLength + Number(request.headers['content-length'] ?? 0) === chunk.length;
}

/** The id of a request that is refused. Null if it is not, if it is not alone and whole, or if only Node can tell what it is. */
export function refusedId(chunk: Buffer, refuses: RefusesPost): string | null {
  const headLength = chunk.indexOf(HEAD_END) + HEAD_END.length;
  const head = chunk.toString('latin1', 0, headLength);
  const url = HEAD.exec(head)?.[1];
  const fields = url === undefined ? null : fieldsOf(head);
  if (url === undefined || fields === null || ONLY_NODE.some((name) => fields[name] !== undefined)) return null;
  const { authorization, connection, 'content-length': length } = fields;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return null;
  if (length === undefined || !/^\d{1,9}$/.test(length) || headLength + Number(length) !== chunk.length) return null;
  return refuses(url, authorization) ? requestIdOf({ headers: fields }) : null;
}

/** The fields that matter here; null if one stands there twice. */
function fieldsOf(head: string): Record<string, string> | null {
  const fields: Record<string, string> = {};
  for (const [, given, value] of head.matchAll(FIELDS)) {
    const name = given!.toLowerCase();
    if (fields[name] !== undefined) return null;
    fields[name] = value!.trimEnd();
  }
  return fields;
}
