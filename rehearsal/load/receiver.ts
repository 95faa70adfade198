import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const NUMBER = /"number":(\d+)/;

/** The customers' server: answers 200, and counts how often each numbered message came. */
export class Receiver {
  /** Number of the message → how often it came and was answered 200. */
  readonly arrivals = new Map<number, number>();
  /** Epoch ms of each arrival that was not the first of its message. */
  readonly repeated: { number: number; at: number }[] = [];
  /** Numbers of the messages that were answered 500. */
  readonly refused = new Set<number>();
  private refusedSenders = new Set<string>();
  /** Address of a task → how many webhooks came from it since they were taken. */
  private bySender = new Map<string, number>();
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const isTaken = this.take(Buffer.concat(chunks).toString('utf8'), request.socket.remoteAddress ?? '');
      response.writeHead(isTaken ? 200 : 500, { 'content-type': 'text/plain' }).end(isTaken ? 'ok' : 'refused');
    });
  });

  /** Resolves with its URL. */
  async listen(): Promise<string> {
    this.server.keepAliveTimeout = 60_000;
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on, what comes from these addresses is answered 500. */
  refuse(addresses: readonly string[]): void {
    this.refusedSenders = new Set(addresses);
  }

  /** Addresses of tasks, with how many webhooks came from each since the last call. */
  takeSenders(): [string, number][] {
    const taken = [...this.bySender];
    this.bySender = new Map();
    return taken;
  }

  private take(body: string, sender: string): boolean {
    const found = NUMBER.exec(body);
    if (!found) return true;
    this.bySender.set(sender, (this.bySender.get(sender) ?? 0) + 1);
    const number = Number(found[1]);
    if (this.refusedSenders.has(sender)) {
      this.refused.add(number);
      return false;
    }
    const times = (this.arrivals.get(number) ?? 0) + 1;
    this.arrivals.set(number, times);
    if (times > 1) this.repeated.push({ number, at: Date.now() });
    return true;
  }
}
