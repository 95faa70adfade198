import { Pool } from 'undici';

const ANSWER_LIMIT_MS = 30_000;

/** What became of many messages that were sent side by side. */
export interface Load {
  /** Id → payload of those that were answered with 202. */
  accepted: Map<string, string>;
  /** Every other answer. */
  refused: { status: number; body: any }[];
  /** Requests whose connection broke before there was an answer. */
  unanswered: number;
  /** Longest wait for an answer. */
  slowestMs: number;
}

export interface LoadOptions {
  appId: string;
  count: number;
  concurrency: number;
  /** For each message, the fields beside `eventType` and `payload`. */
  fields?: (n: number) => object;
  idempotencyKey?: (n: number) => string;
  /** Called at each 202. */
  onAccepted?: (soFar: number) => void;
}

/** Source text of a payload as no serializer would write it, so that a change of one byte shows. */
export function payloadOf(n: number): string {
  return `{ "n":${n}.0,\t"greeting": "gr\\u00fc\\u00dfe \u{1F4EF}" , "n2" :[ ] }`;
}

/** Sends messages over kept connections. Resolves when each request was answered or broke. */
export async function sendMessages(server: { url: string; token: string }, options: LoadOptions): Promise<Load> {
  const { appId, count, concurrency, fields = () => ({}), idempotencyKey, onAccepted } = options;
  const pool = new Pool(server.url, { connections: concurrency, headersTimeout: ANSWER_LIMIT_MS });
  const load: Load = { accepted: new Map(), refused: [], unanswered: 0, slowestMs: 0 };
  let next = 0;

  const send = async (n: number) => {
    const payload = payloadOf(n);
    const rest = JSON.stringify({ eventType: 'order.paid', ...fields(n) }).slice(1);
    const key = idempotencyKey && { 'idempotency-key': idempotencyKey(n) };
    const startedAt = performance.now();
    try {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/api/v1/app/${appId}/msg?with_content=false`,
        headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...key },
        body: `{"payload":${payload},${rest}`,
      });
      const answer = (await body.json()) as { id: string };
      if (statusCode === 202) load.accepted.set(answer.id, payload);
      else load.refused.push({ status: statusCode, body: answer });
      if (statusCode === 202) onAccepted?.(load.accepted.size);
    } catch {
      load.unanswered += 1;
    }
    load.slowestMs = Math.max(load.slowestMs, performance.now() - startedAt);
  };
  const lane = async () => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
  await pool.destroy();
  return load;
}
