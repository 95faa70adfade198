import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const SLOW_MS = 300;

/** The customers' server: below it there are endpoints that answer, that answer late, that fail, and that hang. */
export class Customers {
  received = 0;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      request.resume();
      this.received++;
      if (request.url === '/hangs') return;
      const answer = () => response.writeHead(request.url === '/fails' ? 500 : 204).end();
      if (request.url === '/slow') setTimeout(answer, SLOW_MS);
      else answer();
    });
    this.server.keepAliveTimeout = 0;
    this.server.requestTimeout = 0;
  }

  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', 4_096, done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

type Json = Record<string, unknown> & { id: string };

/** Calls the API at one of the processes, in turn. What one of them refuses or is not there for, the other gets. */
export class Client {
  requests = 0;
  /** Requests that no process answered with success. */
  failed = 0;
  /** The latest answer that was none. */
  refusal = '';
  private readonly urls: () => string[];
  private readonly token: string;
  private turn = 0;

  constructor(urls: () => string[], token: string) {
    this.urls = urls;
    this.token = token;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json | null> {
    this.requests++;
    const urls = this.urls();
    for (let n = 0; n <= urls.length; n++) {
      const answer = await this.once(urls[this.turn++ % urls.length]!, method, path, body, headers).catch(() => null);
      if (answer) return answer;
      await sleep(100);
    }
    this.failed++;
    return null;
  }

  private async once(
    url: string,
    method: string,
    path: string,
    body: unknown,
    more: Record<string, string>,
  ): Promise<Json | null> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...more };
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(10_000),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) {
      this.refusal = `${answer.status} ${text}`;
      return null;
    }
    return text === '' ? { id: '' } : (JSON.parse(text) as Json);
  }
}
