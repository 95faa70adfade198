import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The metadata endpoint of a task with this address. */
export async function startMetadata(address: string) {
  const server = createServer((_request, response) => {
    const networks = [{ NetworkMode: 'awsvpc', IPv4Addresses: [address] }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ Networks: networks }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/own`,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
