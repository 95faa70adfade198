import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy in front of a server, whose connections a test breaks. */
export interface FaultProxy {
  port: number;
  /** From now on nothing passes, and new connections are accepted: as with a network that drops every packet. */
  stall(): void;
  /** Nothing passes on the connections that are open now, ever. New ones work: as after a firewall forgot them. */
  stallOpen(): void;
  /** Ends what `stall` began. */
  flow(): void;
  /** Resets the connections that are open now. */
  cut(): void;
  stop(): Promise<void>;
}

interface Pair {
  client: Socket;
  onward: Socket;
  dead: boolean;
}

export async function faultProxy(serverPort: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let stalled = false;
  const server = createServer((client) => {
    const pair: Pair = { client, onward: connect(serverPort, '127.0.0.1'), dead: false };
    const { onward } = pair;
    pairs.add(pair);
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.on('data', (chunk) => other.write(chunk));
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
      if (stalled) one.pause();
    }
  });
  const each = (work: (socket: Socket) => unknown, which = (pair: Pair) => !pair.dead) => {
    for (const pair of [...pairs].filter(which)) [pair.client, pair.onward].forEach(work);
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      stalled = true;
      each((socket) => socket.pause());
    },
    stallOpen() {
      each((socket) => socket.pause());
      for (const pair of pairs) pair.dead = true;
    },
    flow() {
      stalled = false;
      each((socket) => socket.resume());
    },
    cut: () => each((socket) => socket.resetAndDestroy()),
    async stop() {
      const closed = new Promise((done) => server.close(done));
      each(
        (socket) => socket.destroy(),
        () => true,
      );
      await closed;
    },
  };
}
