import { randomUUID } from 'node:crypto';
import { Pool, type Dispatcher } from 'undici';
import { now } from './clock.js';

/** Longest that one request may take; every loop ends by it. */
const REQUEST_LIMIT_MS = 30_000;

/** After this time the client libraries repeat a request for the first time. */
const FIRST_REPEAT_MS = 50;

/** What is requested, again and again. */
export interface Plan {
  /** Origin of the server. */
  url: string;
  token: string;
  method: 'GET' | 'POST';
  /** Taken in turn. */
  paths: string[];
  /** JSON; null for none. */
  body: string | null;
  /** Whether the `id` of each answer is kept. */
  keepIds: boolean;
  /** How often a 429 or 503 is repeated: after 50 ms, then 100 ms and so on. None without it. */
  repeats?: number;
}

/** How it went. Latencies and ids are those of requests that were answered 2xx, in the order of the answers. */
export interface Outcome {
  startedAt: number;
  endedAt: number;
  latencies: Float64Array;
  /** When the answer's head was here. */
  answeredAt: Float64Array;
  ids: string[];
  /** Whatever else came: status or error code, and how often. */
  failures: Record<string, number>;
}

/** Sends requests over kept connections as the client libraries do (an idempotency key on each POST), and writes down how it went. */
export class Sender {
  private readonly pool: Pool;
  private readonly headers: Record<string, string>;
  private readonly latencies: number[] = [];
  private readonly answeredAt: number[] = [];
  private readonly ids: string[] = [];
  private readonly failures: Record<string, number> = {};
  private readonly startedAt = now();
  private readonly plan: Plan;
  private sent = 0;

  constructor(plan: Plan, connections: number) {
    this.plan = plan;
    const limits = { headersTimeout: REQUEST_LIMIT_MS, bodyTimeout: REQUEST_LIMIT_MS, connectTimeout: 5_000 };
    this.pool = new Pool(plan.url, { connections, pipelining: 1, ...limits });
    this.headers = { authorization: `Bearer ${plan.token}`, accept: 'application/json' };
    if (plan.body !== null) this.headers['content-type'] = 'application/json';
  }

  /** One request. Its latency counts from `since`, the moment at which it should have been sent. `repeated`: how often it was sent before. */
  send(since: number, done: () => void, repeated = 0): void {
    const { method, paths, body, keepIds } = this.plan;
    const path = paths[this.sent++ % paths.length]!;
    const headers = method === 'POST' ? { ...this.headers, 'idempotency-key': `auto_${randomUUID()}` } : this.headers;
    let status = 0;
    let at = 0;
    let text = '';
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: (_controller, code) => {
        status = code;
        at = now();
      },
      onResponseData: (_controller, chunk) => {
        if (keepIds) text += chunk.toString('latin1');
      },
      onResponseEnd: () => {
        if (status >= 200 && status < 300) this.note(since, at, text);
        else this.fail(String(status));
        if ((status !== 429 && status !== 503) || repeated >= (this.plan.repeats ?? 0)) done();
        else setTimeout(() => this.send(since, done, repeated + 1), FIRST_REPEAT_MS * 2 ** repeated);
      },
      onResponseError: (_controller, error) => {
        this.fail((error as { code?: string }).code ?? error.message);
        done();
      },
    };
    this.pool.dispatch({ method, path, headers, body }, handler);
  }

  async end(): Promise<Outcome> {
    const endedAt = now();
    await this.pool.destroy();
    return {
      startedAt: this.startedAt,
      endedAt,
      latencies: Float64Array.from(this.latencies),
      answeredAt: Float64Array.from(this.answeredAt),
      ids: this.ids,
      failures: this.failures,
    };
  }

  private note(since: number, at: number, text: string): void {
    this.latencies.push(at - since);
    this.answeredAt.push(at);
    if (this.plan.keepIds) this.ids.push((JSON.parse(text) as { id: string }).id);
  }

  private fail(why: string): void {
    this.failures[why] = (this.failures[why] ?? 0) + 1;
  }
}
