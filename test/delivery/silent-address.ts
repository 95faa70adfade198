import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LISTEN = `
  const server = require('node:http').createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  server.listen({ host: process.argv[1], port: Number(process.argv[2]), backlog: 1 }, () => console.log(server.address().port));
`;
const FILLING = 8;
/** A handshake on loopback that takes longer than this isn't coming. */
const HANDSHAKE_MS = 1_000;

export interface SilentAddress {
  port: number;
  /** From now on it answers; what knocked before is let in when it knocks again. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * An address that answers no handshake: a stopped process with a full queue of connections, for which Linux drops what knocks. When it
 * wakes it is an HTTP server.
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
    if (at >= FILLING) throw new Error(`The queue of ${host} is not full after ${FILLING} connections.`);
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
