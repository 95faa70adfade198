import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be cut: connections are refused then, and those that are there end. */
export class Relay {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private readonly server;

  constructor(to: { host: string; port: number }) {
    this.server = createServer((near) => {
      if (this.isCut) return void near.destroy();
      const far = connect(to);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.on('error', () => {});
        one.once('close', () => (this.sockets.delete(one), other.destroy()));
        one.pipe(other);
      }
    });
  }

  /** Resolves with its port on 127.0.0.1. */
  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.server.unref();
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }
}
