import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isReady } from '../support/process.js';

const CHECK_EVERY_MS = 1_000;

/** A load balancer. It takes the servers that were ready at the last check in turn, keeps connections, and repeats no request. */
export interface Balancer {
  url: string;
  /** The number of requests without an answer. */
  failed: string[];
  /** The number of answers of each server. */
  answered: Map<string, number>;
  stop(): Promise<void>;
}

export async function startBalancer(servers: string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const answered = new Map(servers.map((server) => [server, 0]));
  const failed: string[] = [];
  let ready = servers;
  let turn = 0;
  const check = async () => {
    const states = await Promise.all(servers.map((server) => isReady(server).catch(() => false)));
    ready = servers.filter((_, at) => states[at]);
  };
  const timer = setInterval(() => void check(), CHECK_EVERY_MS);

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const server = ready[turn++ % ready.length];
    if (!server) {
      failed.push('nobody is ready');
      outgoing.writeHead(503).end();
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(`${server}${url}`, { method, agent, headers }, (answer) => {
      answered.set(server, answered.get(server)! + 1);
      const { connection: _connection, 'keep-alive': _keepAlive, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode!, kept);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => {
      failed.push(`${server}: ${error.message}`);
      outgoing.writeHead(502).end();
    });
    incoming.pipe(onward);
  };
  const balancer = createServer(forward);
  await new Promise<void>((listening) => balancer.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`,
    failed,
    answered,
    async stop() {
      clearInterval(timer);
      const closed = new Promise((done) => balancer.close(done));
      balancer.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
