import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ProxyServer {
  port: number;
  /** Each CONNECT request so far, as text. */
  requests: string[];
  /** Connections so far. */
  connected(): number;
  stop(): Promise<void>;
}

/** Answers a CONNECT, whose request has come completely. */
export type ProxyAnswer = (client: Socket, target: { host: string; port: number }, request: string) => void;

/** Connects the client with what it asked for, as an honest proxy does. */
export const relay: ProxyAnswer = (client, target) => {
  const upstream = connect(target.port, target.host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(upstream).pipe(client);
  });
  upstream.on('error', () => client.destroyed || client.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'));
  client.on('close', () => upstream.destroy());
};

/** A proxy on sockets, without an HTTP library, that can be as bad as a test wants it. */
export async function proxyServer(
  answer: ProxyAnswer = relay,
  options: { tls?: { cert: string; key: string }; at?: number; onConnection?: (client: Socket) => void } = {},
): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connected = 0;
  const onSocket = (client: Socket) => {
    connected++;
    sockets.add(client.on('error', () => undefined));
    options.onConnection?.(client);
    let text = '';
    const onData = (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (!text.endsWith('\r\n\r\n')) return;
      client.off('data', onData);
      requests.push(text);
      const [, host = '', port = ''] = /^CONNECT \[?([^\s\]]+)\]?:(\d+) HTTP\/1\.1\r\n/.exec(text) ?? [];
      answer(client, { host, port: Number(port) }, text);
    };
    client.on('data', onData);
  };
  const server = options.tls ? createTlsServer(options.tls, onSocket) : createServer(onSocket);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(options.at ?? 0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connected: () => connected,
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
