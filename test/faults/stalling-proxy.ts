import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy. Each connection stalls after the first data of the server, until `flow` is called. */
export interface StallingProxy {
  port: number;
  flow(): void;
  stop(): Promise<void>;
}

/** @param chunks how many chunks of the server pass before a connection stalls: 2 are MySQL's greeting and its OK */
export async function stallingProxy(serverPort: number, chunks: number): Promise<StallingProxy> {
  const sockets: Socket[] = [];
  let flows = false;
  const server = createServer((client) => {
    const onward = connect(serverPort, '127.0.0.1');
    let passed = 0;
    sockets.push(client, onward);
    client.pipe(onward);
    onward.on('data', (chunk) => {
      client.write(chunk);
      if (!flows && ++passed >= chunks) onward.pause();
    });
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    flow() {
      flows = true;
      for (const socket of sockets) socket.resume();
    },
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
