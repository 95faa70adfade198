import { once } from 'node:events';
import { createServer } from 'node:net';

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
  for (let second = FIRST; second <= LAST; second++) {
    const claim = createServer().unref();
    claim.listen(CLAIM_PORT, `127.${second}.255.254`);
    const isOurs = await once(claim, 'listening').then(
      () => true,
      () => false,
    );
    if (isOurs) return `127.${second}`;
  }
  throw new Error(`No network from 127.${FIRST} to 127.${LAST} is free: other rehearsals run on this machine.`);
}
