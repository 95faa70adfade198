import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const [FIRST, LAST] = [20, 250];
const CLAIM_PORT = 39_999;

/**
 * Answers the next address of a network of 127.0.0.0/8 with each call, and none a second time: a stopped task's address must not lead to another
 * one. Linux has all of 127.0.0.0/8; macOS needs `ifconfig lo0 alias` for each. Throws after the last one.
 *
 * @param network the first two parts of its addresses
 */
export function taskAddresses(network = '127.20'): () => string {
  let last = 0;
  return () => {
    last++;
    if (last > 0xfffe) throw new Error(`${network}.0.0/16 has no more addresses`);
    return `${network}.${last >> 8}.${last & 0xff}`;
  };
}

/** A network that no other rehearsal on this machine has, as long as this process lives. */
export async function ownNetwork(): Promise<string> {
  for (let second = FIRST; second <= LAST; second++)
    if (await listens(createServer().unref(), CLAIM_PORT, `127.${second}.255.254`)) return `127.${second}`;
  throw new Error(`No network from 127.${FIRST} to 127.${LAST} is free: other rehearsals run on this machine.`);
}

/** Rejects if a program listens on this port of all addresses, as `npm start` does: no task of the network could listen on its own. */
export async function assertPortIsFree(network: string, port: number): Promise<void> {
  const probe = createServer();
  if (!(await listens(probe, port, `${network}.255.254`)))
    throw new Error(
      `A program of this machine listens on port ${port} of all addresses, and each task needs it on an address of its own. ` +
        `Stop it: \`ss -ltnp 'sport = :${port}'\` shows which one it is.`,
    );
  probe.close();
}

function listens(server: Server, port: number, address: string): Promise<boolean> {
  server.listen(port, address);
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}
