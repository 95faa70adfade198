import { Pool } from 'undici';

const ANSWER_LIMIT_MS = 30_000;

/** The results of many messages that were sent at the same time. */
export interface Load {
  /** Id → payload of the messages that were accepted with 202. */
  accepted: Map<string, string>;
  /** All other answers. */
  refused: { status: number; body: any }[];
  /** The number of requests whose connection broke before an answer. */
  unanswered: number;
  /** The longest time until an answer, in ms. */
  slowestMs: number;
}

export interface LoadOptions {
  appId: string;
  count: number;
  concurrency: number;
  /** The fields of each message besides `eventType` and `payload`. */
  fields?: (n: number) => object;
  idempotencyKey?: (n: number) => string;
  /** Called for each 202. */
  onAccepted?: (soFar: number) => void;
}

/** The text of a payload in a format that no serializer writes, so that a changed byte is found. */
export function payloadOf(n: number): string {
  return `{ "n":${n}.0,\t"greeting": "gr\\u00fc\\u00dfe \u{1F4EF}" , "n2" :[ ] }`;
}

/** Sends messages over kept connections. Resolves when each request has been answered or has failed. */
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
