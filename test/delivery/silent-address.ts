import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LISTEN = `
  const server = require('node:http').createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  server.listen({ host: process.argv[1], port: Number(process.argv[2]), backlog: 1 }, () => console.log(server.address().port));
`;
const MAX_FILLING = 8;
/** A handshake on loopback that takes longer will never end. */
const HANDSHAKE_MS = 1_000;

export interface SilentAddress {
  port: number;
  /** From now on it answers, also connects that began before, at their next SYN. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * An address that answers no TCP handshake: a stopped process whose queue of connections is full, so that Linux drops every SYN. After
 * `wake` it is an HTTP server.
 *
 * @param port 0 for any
 */
export async function silentAddress(host: string, port = 0): Promise<SilentAddress> {
  const child = spawn(process.execPath, ['-e', LISTEN, host, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const open = Number(line.toString());
  child.kill('SIGSTOP');
  const sockets: Socket[] = [];
  for (let at = 0, full = false; !full; at++) {
    if (at >= MAX_FILLING) throw new Error(`The queue of ${host} is not full after ${MAX_FILLING} connections.`);
    const socket = connect(open, host).on('error', () => undefined);
    sockets.push(socket);
    full = await Promise.race([once(socket, 'connect').then(() => false), sleep(HANDSHAKE_MS, true)]);
  }
  return {
    port: open,
    wake: () => {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGCONT');
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
