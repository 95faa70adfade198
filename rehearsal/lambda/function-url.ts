import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LambdaFunctions } from './functions.js';
import type { Outcome, Runtime } from './runtime.js';
import { urlAnswer, urlEvent, type UrlPlace } from './url-payload.js';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_BYTES = 6 * 1_048_576;

export interface FunctionUrlOrder {
  functions: LambdaFunctions;
  /** Of the function. */
  name: string;
  account: string;
  region: string;
  /** Where it listens; a free port without it. */
  port?: number;
}

/**
 * The URL of a function with auth type NONE: each request becomes an event, and the function's result the answer. One process is kept warm.
 * Assumption: one is enough. Lambda starts another execution environment for a request that comes while the others work; here it waits.
 * It speaks plain HTTP, where AWS has HTTPS.
 */
export class FunctionUrl {
  private readonly order: FunctionUrlOrder;
  private readonly place: UrlPlace;
  private readonly server: Server;
  private runtime: Runtime | null = null;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(order: FunctionUrlOrder) {
    this.order = order;
    this.place = { urlId: `${order.name.toLowerCase().replace(/[^a-z0-9]/g, '')}rehearsal`, ...order };
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** Rejects if the port is taken. */
  static async start(order: FunctionUrlOrder): Promise<FunctionUrl> {
    const url = new FunctionUrl(order);
    await new Promise<void>((done, failed) => url.server.once('error', failed).listen(order.port ?? 0, '127.0.0.1', done));
    return url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await this.runtime?.stop();
    await closed;
  }

  /** Assumption: a function that failed is a 502 with this text; the guide does not say. */
  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    if (!body) return void response.writeHead(413).end();
    const outcome = await this.inTurn(urlEvent(request, body, this.place));
    if (outcome.failed !== null) return void response.writeHead(502).end('Internal Server Error');
    const { status, headers, cookies, body: answer } = urlAnswer(outcome.result);
    response.writeHead(status, { ...headers, ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) }).end(answer);
  }

  /** Never rejects. */
  private inTurn(event: object): Promise<Outcome> {
    const outcome = this.last.then(() => {
      if (!this.runtime?.isUsable) this.runtime = this.order.functions.runtimeOf(this.order.name);
      return this.runtime.invoke(event);
    });
    const caught = outcome.catch((error: unknown): Outcome => ({ failed: String(error) }));
    this.last = caught;
    return caught;
  }
}

/** Null if it is too long, or does not come. */
async function read(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}
