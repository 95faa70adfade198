import type { ServerResponse } from 'node:http';
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
 * Answers the next requests of a connection, as long as they are refused, without Node's parser and objects: in an overload most requests
 * are refused, and this takes a third of the CPU time. The first request that is not refused, and anything unusual, goes to Node, which then has the connection
 * until its next refusal. So nothing is ever carried out that Node has not parsed.
 *
 * Call it with the response of a refusal.
 */
export function refuseNextQuickly(response: ServerResponse, refuses: RefusesPost, refusal: Refusal): void {
  const { req: request, shouldKeepAlive } = response;
  // The body has arrived by then, and Node has thrown it away.
  request.once('close', () => {
    const { socket, complete } = request;
    if (complete && shouldKeepAlive && response.writableFinished && !socket.destroyed) readQuickly(socket, refuses, refusal);
  });
}

function readQuickly(socket: Socket, refuses: RefusesPost, refusal: Refusal): void {
  const until = performance.now() + QUICK_MS;
  const parsers = socket.listeners('data') as ((chunk: Buffer) => void)[];
  const read = (chunk: Buffer) => {
    const isFree = socket.writableLength === 0 && performance.now() < until;
    const requestId = isFree ? refusedId(chunk, refuses) : null;
    if (requestId !== null) return void socket.write(refusal(requestId), 'latin1');
    // Only this listener is replaced, so that the connection goes on flowing.
    for (const parse of parsers) socket.on('data', parse);
    socket.off('data', read);
    for (const parse of parsers) parse.call(socket, chunk);
  };
  // With a new listener Node's parser no longer reads from the socket by itself.
  socket.on('data', read);
  for (const parse of parsers) socket.off('data', parse);
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
