import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './stand-ins.ts';

interface Wishes {
  /** Status of /health, by how often it was asked. */
  health?: (nth: number) => number;
  /** Status of POST …/msg. */
  message?: number;
  /** What the webhook is signed with instead of the endpoint's secret. */
  wrongKey?: boolean;
  /** The first attempts of the first messages reach nobody; a second one does. */
  firstAttemptsFail?: number;
  /** Nothing is ever delivered. */
  silent?: boolean;
  /** Answers nothing at all. */
  hangs?: boolean;
  /** Answers only after so long. */
  slowMs?: number;
}

/** An API of the few routes that the functions use; it really sends the webhook, signed as Standard Webhooks says. */
export async function fakeApi(wishes: Wishes = {}) {
  const seen: { method: string; path: string; authorization: string | undefined; body: any }[] = [];
  const attempts = new Map<string, object[]>();
  let endpoint = { url: '', secret: 'whsec_bWFkZSBieSB0aGUgQVBJIGl0c2VsZg==' };
  let healthChecks = 0;
  const server = await serve(async ({ method, path, headers, body }) => {
    const given = body.length > 0 ? JSON.parse(body.toString()) : null;
    seen.push({ method, path, authorization: headers.authorization, body: given });
    if (wishes.hangs) await new Promise(() => undefined);
    if (wishes.slowMs) await sleep(wishes.slowMs);
    if (path === '/health') return { status: wishes.health?.(++healthChecks) ?? 200, body: {} };
    if (method === 'DELETE') return { status: 204, body: null };
    if (path.startsWith('/api/v1/app?')) return { status: 201, body: { id: 'app_1' } };
    if (path.endsWith('/endpoint') || method === 'PUT') {
      endpoint = { ...endpoint, ...given };
      return { status: 201, body: { id: 'ep_1' } };
    }
    if (path.endsWith('/secret')) return { status: 200, body: { key: endpoint.secret } };
    if (path.endsWith('/secret/rotate')) {
      endpoint.secret = given.key;
      return { status: 204, body: null };
    }
    if (path.endsWith('/msg')) {
      if (wishes.message) return { status: wishes.message, body: { code: 'broken' } };
      const id = `msg_${attempts.size + 1}`;
      attempts.set(id, []);
      const isLost = attempts.size <= (wishes.firstAttemptsFail ?? 0);
      if (isLost) attempts.get(id)!.push({ status: 2, responseStatusCode: 0, response: 'The address is blocked' });
      if (!wishes.silent) attempts.get(id)!.unshift(await delivered(id, endpoint, given.payload, wishes.wrongKey ?? false));
      return { status: 202, body: { id } };
    }
    const [, asked] = /\/attempt\/msg\/(\w+)/.exec(path) ?? [];
    if (asked) return { status: 200, body: { data: attempts.get(asked) ?? [] } };
    return { status: 404, body: {} };
  });
  return { ...server, seen };
}

async function delivered(id: string, { url, secret }: { url: string; secret: string }, payload: object, wrongKey: boolean) {
  const body = JSON.stringify(payload);
  const timestamp = Math.floor(Date.now() / 1000);
  const key = wrongKey ? Buffer.alloc(32) : Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
  const answer = await fetch(url, { method: 'POST', body, headers });
  return { status: answer.ok ? 0 : 2, responseStatusCode: answer.status, response: await answer.text() };
}
