import { request } from 'node:http';
import type { Sending, Try } from './sender.js';

const PIECES = 10;

/** Clients with slow lines: each sends one message after the other, and takes a while for its body. */
export class SlowUploads {
  readonly tries: Try[] = [];
  private readonly plan: Sending;
  private readonly running: Promise<void>[] = [];
  private isStopping = false;

  constructor(plan: Sending) {
    this.plan = plan;
  }

  /** @param next answers the number of a new message, and `ended` is told its outcome */
  start(next: () => number, ended: (number: number, outcome: string) => void): void {
    for (let nth = 0; nth < this.plan.slow.clients; nth++) this.running.push(this.client(next, ended));
  }

  /** Resolves when the uploads under way have ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.running);
  }

  private async client(next: () => number, ended: (number: number, outcome: string) => void): Promise<void> {
    while (!this.isStopping) {
      const number = next();
      const one = await upload(this.plan, JSON.stringify({ eventType: 'order.paid', payload: { number } }));
      this.tries.push(one);
      ended(number, one.outcome);
    }
  }
}

/** The time of a try begins with its last byte, so that it compares with those of quick clients. */
function upload({ url, token, appId, slow: { uploadMs } }: Sending, body: string): Promise<Try> {
  const at = Date.now();
  return new Promise((done) => {
    let sentAt = performance.now();
    const ended = (outcome: string, hasRetryAfter = false) => {
      clearInterval(timer);
      done({ at, ms: performance.now() - sentAt, outcome, hasRetryAfter });
    };
    const sent = request(`${url}/api/v1/app/${appId}/msg?with_content=false`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    sent.once('response', (answer) => {
      answer.resume();
      answer.once('close', () => ended(String(answer.statusCode), answer.headers['retry-after'] !== undefined));
    });
    sent.once('error', (error: NodeJS.ErrnoException) => ended(error.code ?? error.name));
    const step = Math.ceil(body.length / PIECES);
    let from = 0;
    const timer = setInterval(() => {
      sent.write(body.slice(from, (from += step)));
      if (from < body.length) return;
      clearInterval(timer);
      sentAt = performance.now();
      sent.end();
    }, uploadMs / PIECES);
  });
}
