import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Stands between the service and a server, on loopback. */
export interface TcpProxy {
  port: number;
  /** Nothing passes any more, and nobody is told: as when a firewall drops packets. New connections are accepted and get nothing. */
  stall(): Promise<void>;
  /** What was held back passes. */
  flow(): Promise<void>;
  /** Ends all connections, as when an address moves to another machine. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  const child = fork(join(import.meta.dirname, 'tcp-proxy-process.ts'), [String(serverPort)]);
  const [port] = (await once(child, 'message')) as [number];
  let last: Promise<unknown> = Promise.resolve();
  const tell = async (command: string) => {
    const told = last.then(() => {
      child.send(command);
      return once(child, 'message');
    });
    last = told;
    await told;
  };
  return {
    port,
    stall: () => tell('stall'),
    flow: () => tell('flow'),
    cut: () => tell('cut'),
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
