/**
 * Answers the next address of 127.20.0.0/16 with each call, and none a second time: a stopped task's address must not lead to another one.
 * Linux has all of 127.0.0.0/8; macOS needs `ifconfig lo0 alias` for each. Throws after the last one.
 */
export function taskAddresses(network = '127.20'): () => string {
  let last = 0;
  return () => {
    last++;
    if (last > 0xfffe) throw new Error(`${network}.0.0/16 has no more addresses`);
    return `${network}.${last >> 8}.${last & 0xff}`;
  };
}
