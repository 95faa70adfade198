import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { LookupAddress } from 'node:dns';
import type { ClientCertificate } from '../../src/config/client-certificate.js';
import type { AppConfig } from '../../src/config/config.js';
import { CheckedConnect } from '../../src/delivery/checked-connect.js';
import { EgressProxy } from '../../src/delivery/egress-proxy.js';
import { HttpSender } from '../../src/delivery/http-sender.js';
import { NameResolver } from '../../src/delivery/name-resolver.js';
import type { SendResult } from '../../src/domain/outcome.js';
import { createLog } from '../../src/observability/log.js';
import { UNTRACED } from '../../src/observability/tracing.js';

export interface Rig {
  send(url: string, more?: { headers?: string[]; body?: Buffer }): Promise<SendResult>;
  /** Parsed lines of the log. */
  log: Record<string, unknown>[];
  stop(): void;
}

interface RigOptions {
  timeoutMs?: number;
  names?: NameResolver;
  allowed?: string[];
  permits?: number;
  /** URL of the egress proxy. */
  proxy?: string;
  clientCertificate?: ClientCertificate;
}

/** The sender as in the service, with its own name resolver. */
export function senderRig(options: RigOptions = {}): Rig {
  const delivery = {
    allowedPorts: [] as number[],
    egressProxyUrl: options.proxy ?? null,
    clientCertificate: options.clientCertificate ?? null,
    allowedSubnets: options.allowed ?? ['127.0.0.0/8', '::1/128'],
    timeoutMs: options.timeoutMs ?? 30_000,
    concurrency: options.permits ?? 64,
  };
  const config = { delivery } as AppConfig;
  const log: Record<string, unknown>[] = [];
  const written = createLog('info', { write: (line) => log.push(JSON.parse(line) as Record<string, unknown>) });
  const names = options.names ?? new NameResolver();
  const connect = new CheckedConnect(config, names, new EgressProxy(config, names, written));
  const sender = new HttpSender(config, connect, UNTRACED, written);
  return {
    send: (url, { headers = [], body = Buffer.from('{"a":1}') } = {}) => sender.send({ url: new URL(url), headers, body }),
    log,
    stop: () => sender.onApplicationShutdown(),
  };
}

/** A resolver that knows these names and no others. */
export function namesOf(names: Record<string, string[]>): NameResolver {
  const entry = (address: string): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 });
  return new NameResolver(new Map(Object.entries(names).map(([name, addresses]) => [name, addresses.map(entry)])));
}

export interface BareServer {
  url: string;
  port: number;
  /** Connections so far. */
  connected(): number;
  /** Each complete request so far, as text. */
  requests: string[];
  stop(): Promise<void>;
}

/** A server on sockets, without HTTP. `answer` is called for each complete request, with the numbers of the connection and the request on it. */
export async function bareServer(
  answer: (socket: Socket, connection: number, request: number) => void,
  host = '127.0.0.1',
  at = 0,
): Promise<BareServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connected = 0;
  const server = createServer((socket) => {
    const connection = connected++;
    let request = 0;
    let text = '';
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (head < 0 || text.length < head + 4 + length) return;
      requests.push(text);
      text = '';
      answer(socket, connection, request++);
    });
  });
  await new Promise<void>((listening) => server.listen(at, host, listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/hook`,
    port,
    connected: () => connected,
    requests,
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
