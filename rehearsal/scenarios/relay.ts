import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const CUT_MS = 4_000;
const OPEN_MS = 1_000;

/** A way to a server that can be cut: new connections end at once then, and so do those that are there. */
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

  /**
   * Cut for four seconds of five, until what is answered is called. Not all the time: a process that never sees its database again can't say what
   * it has delivered, and another one would deliver that once more.
   */
  disturb(): () => void {
    let timer: NodeJS.Timeout;
    const cut = () => {
      this.isCut = true;
      for (const socket of this.sockets) socket.destroy();
      timer = setTimeout(open, CUT_MS);
    };
    const open = () => {
      this.isCut = false;
      timer = setTimeout(cut, OPEN_MS);
    };
    cut();
    return () => {
      clearTimeout(timer);
      this.isCut = false;
    };
  }
}
