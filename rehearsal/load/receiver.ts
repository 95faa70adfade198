import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const NUMBER = /"number":(\d+)/;

/** The customers' server: answers 200, and counts how often each numbered message came. */
export class Receiver {
  /** Number of the message → how often it came. */
  readonly arrivals = new Map<number, number>();
  /** Epoch ms of each arrival that was not the first of its message. */
  readonly repeated: { number: number; at: number }[] = [];
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      this.take(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    });
  });

  /** Resolves with its URL. */
  async listen(): Promise<string> {
    this.server.keepAliveTimeout = 60_000;
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private take(body: string): void {
    const found = NUMBER.exec(body);
    if (!found) return;
    const number = Number(found[1]);
    const times = (this.arrivals.get(number) ?? 0) + 1;
    this.arrivals.set(number, times);
    if (times > 1) this.repeated.push({ number, at: Date.now() });
  }
}
