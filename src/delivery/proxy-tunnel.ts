import { EventEmitter } from 'node:events';
import type { LookupAddress } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HappyEyeballs } from './happy-eyeballs.js';
import { OutgoingSocket } from './outgoing-socket.js';
import { MAX_HEAD_BYTES, parseHead, type ResponseHead } from './response-head.js';

const END_OF_HEAD = /\r?\n\r?\n/;
const END_BYTES = 4;
const SWITCHING_PROTOCOLS = 101;
/** With these a proxy says that it could not reach the address, or that the address did not answer (RFC 9110, 15.6). */
const UNREACHABLE = new Set([502, 503, 504]);

/** The proxy cannot be used: it is away, or it does not answer as a proxy. The message says why, and repeats nothing that the proxy sent. */
export class ProxyUnavailable extends Error {
  readonly code = 'PROXY_UNAVAILABLE';
}

/** The proxy answered the CONNECT with another status than 2xx. */
export class ProxyRefused extends Error {
  readonly code = 'PROXY_REFUSED';

  constructor(readonly statusCode: number) {
    super(String(statusCode));
  }

  /** Whether the proxy would have connected, but could not reach the address. */
  get isUnreachable(): boolean {
    return UNREACHABLE.has(this.statusCode);
  }
}

/** Where the proxy is, and what it is asked. */
export interface TunnelRequest {
  addresses: readonly LookupAddress[];
  port: number;
  /** The name in the proxy's certificate if the connection to it is TLS; else null. */
  tlsHost: string | null;
  /** The CONNECT request. */
  head: string;
}

/**
 * A connection to one address through an HTTP proxy (CONNECT; RFC 9110, 9.3.6). It emits `connect` when the proxy has agreed; then `socket` is the
 * connection. Otherwise it emits `error` with ProxyUnavailable or ProxyRefused.
 *
 * Bytes behind the proxy's answer make it fail: neither a TLS nor an HTTP server speaks first, so nobody could say whose they are.
 */
export class ProxyTunnel extends EventEmitter<{ connect: []; error: [Error] }> {
  /** Whether there is a connection to the proxy. */
  reached = false;
  socket: Socket | null = null;
  private readonly connecting: HappyEyeballs<OutgoingSocket>;
  private answer = '';
  private skippedBytes = 0;
  private settled = false;

  constructor(private readonly request: TunnelRequest) {
    super();
    const { addresses, port } = request;
    this.connecting = new HappyEyeballs(addresses, ({ address }) =>
      new OutgoingSocket().setNoDelay(true).connect({ host: address, port, autoSelectFamily: false }),
    );
    this.connecting.connected.then(
      (socket) => this.connected(socket),
      (error: unknown) => this.fail(reasonOf(error)),
    );
  }

  destroy(): void {
    this.settled = true;
    this.connecting.cancel(new Error('The tunnel was closed.'));
    this.socket?.destroy();
  }

  private connected(socket: Socket): void {
    const { tlsHost } = this.request;
    this.socket = socket;
    if (this.settled) return this.destroy();
    if (tlsHost === null) return this.ask(socket);
    const secure = connectTls({
      socket,
      host: tlsHost,
      ...(isIP(tlsHost) === 0 ? { servername: tlsHost } : {}),
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
    });
    this.socket = secure;
    secure.on('error', (error) => this.fail(`TLS failed: ${reasonOf(error)}`));
    secure.once('secureConnect', () => this.ask(secure));
  }

  private ask(socket: Socket): void {
    this.reached = true;
    socket.on('error', (error) => this.fail(reasonOf(error)));
    // 'readable' instead of 'data': bytes that belong to the next reader of the socket stay in it.
    socket.on('readable', this.read);
    socket.on('end', this.ended);
    socket.on('close', this.ended);
    socket.write(this.request.head);
  }

  private readonly ended = () => this.fail('it closed the connection before it had answered');

  private readonly read = () => {
    while (!this.settled) {
      const bytes = this.socket!.read() as Buffer | null;
      if (bytes === null) return;
      const searchFrom = Math.max(0, this.answer.length - END_BYTES);
      this.answer += bytes.toString('latin1');
      this.readHeads(searchFrom);
    }
  };

  /** Reads the heads that are complete: interim ones are skipped, the final one settles the tunnel. */
  private readHeads(searchFrom: number): void {
    for (let from = searchFrom; !this.settled; from = 0) {
      const end = END_OF_HEAD.exec(this.answer.slice(from));
      if (end === null) {
        if (this.answer.length + this.skippedBytes > MAX_HEAD_BYTES) this.fail('its answer has too many headers');
        return;
      }
      const length = from + end.index + end[0].length;
      const head = headIn(this.answer.slice(0, from + end.index));
      this.answer = this.answer.slice(length);
      this.skippedBytes += length;
      if (head === null) return this.fail('its answer is not HTTP');
      if (head.statusCode >= 200 || head.statusCode === SWITCHING_PROTOCOLS) this.answered(head.statusCode);
    }
  }

  private answered(statusCode: number): void {
    if (statusCode < 200 || statusCode > 299) return this.settle(new ProxyRefused(statusCode));
    if (this.answer !== '') return this.fail('it sent something behind its answer');
    this.settle(null);
  }

  private fail(reason: string): void {
    this.settle(new ProxyUnavailable(reason));
  }

  private settle(error: Error | null): void {
    if (this.settled) return;
    this.settled = true;
    this.socket?.off('readable', this.read).off('end', this.ended).off('close', this.ended);
    if (error === null) {
      this.emit('connect');
      return;
    }
    this.socket?.destroy();
    this.emit('error', error);
  }
}

function headIn(text: string): ResponseHead | null {
  try {
    return parseHead(text);
  } catch {
    return null;
  }
}

/** The system's or OpenSSL's codes. Their messages are left out: they name the proxy's address, and the text is shown to the endpoint's owner. */
function reasonOf(error: unknown): string {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors.map((each) => String((each as NodeJS.ErrnoException | null)?.code ?? 'unknown error'));
  return [...new Set(codes)].join('; ');
}
