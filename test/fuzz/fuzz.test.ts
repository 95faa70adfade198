import { Agent, request as send } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { belongings, type Belongings } from '../support/belongings.js';
import { Random } from './random.js';
import { operationsOf, requestAt, type Request, type Tokens } from './requests.js';

/** So many that every operation is met in each of its moods. */
const ENOUGH = 20_000;
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? ENOUGH);
/** The same seed makes the same requests. FUZZ_SEED=random looks elsewhere. */
const SEED = process.env['FUZZ_SEED'] === 'random' ? Date.now() % 2 ** 31 : Number(process.env['FUZZ_SEED'] ?? 1);
const SIDE_BY_SIDE = 16;
/** What was deleted meanwhile is made anew. */
const RENEW_AFTER = 1_000;
const PATIENCE_MS = 5_000;
const MOST_FAULTS = 20;
/** Operations that need an id which the fuzzer doesn't have. */
const SELDOM = ['POST /api/v1/admin/dead-letter/{id}/redrive'];

interface Answer {
  status: number;
  type: string;
  text: string;
}

let app: TestApp;
let ids: Belongings;
let tokens: Tokens;
const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE });

beforeAll(async () => {
  // Nothing that is made here can be delivered to, so nothing has to be waited for at the end.
  app = await startApp({ ALLOWED_SUBNETS: '', RETRY_SCHEDULE: '', LOG_LEVEL: 'error', DELIVERY_TIMEOUT_SECONDS: '1' });
});
afterAll(async () => {
  agent.destroy();
  await app.stop();
}, 60_000);

async function renew(): Promise<void> {
  ids = await belongings(app, app.token);
  const { body } = await app.api.post(`/auth/app-portal-access/${ids.app_id}`, { readOnly: true });
  tokens = { organization: app.token, application: app.appTokenFor(ids.app_id), readOnly: body.token };
}

it(`answers no request by a 5xx or not at all (${REQUESTS} requests, seed ${SEED})`, async () => {
  const { body: document } = await app.root.get('/api/v1/openapi.json');
  const operations = operationsOf(document);
  const random = new Random(SEED);
  const faults: string[] = [];
  const succeeded = new Set<string>();
  let sent = 0;

  const sendUntil = async (end: number) => {
    while (sent < end && faults.length < MOST_FAULTS) {
      const request = requestAt(random, random.pick(operations), document.components.schemas, ids, tokens);
      const number = ++sent;
      const answer = await answerTo(request);
      if (answer.status < 300) succeeded.add(request.operation);
      const fault = faultOf(request, answer);
      if (fault) faults.push(`${number}: ${fault}: ${described(request)}`);
    }
  };
  while (sent < REQUESTS && faults.length < MOST_FAULTS) {
    await renew();
    const end = Math.min(sent + RENEW_AFTER, REQUESTS);
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => sendUntil(end)));
  }

  expect(faults).toEqual([]);
  // Requests that are refused at the door tell nothing of the rooms behind it.
  const known = REQUESTS < ENOUGH ? [] : operations.map(({ method, path }) => `${method} ${path}`);
  expect(known.filter((key) => !succeeded.has(key) && !SELDOM.includes(key))).toEqual([]);
  expect((await app.root.get('/health/ready')).status).toBe(200);
}, 600_000);

/** What is wrong with an answer, null if nothing is. */
function faultOf({ method }: Request, { status, type, text }: Answer): string | null {
  if (status === 0) return text;
  if (status >= 500) return `${status} ${text.slice(0, 200)}`;
  if (method === 'HEAD' || method === 'OPTIONS' || status < 400) return null;
  try {
    const { code, detail } = JSON.parse(text);
    const good =
      status === 422 ? Array.isArray(detail) && detail.length > 0 : typeof code === 'string' && typeof detail === 'string';
    return good && type.startsWith('application/json') ? null : `${status} with the wrong body ${text.slice(0, 200)}`;
  } catch {
    return `${status} with a body that is no JSON: ${text.slice(0, 200)}`;
  }
}

/** Status 0 stands for no answer. */
function answerTo({ method, path, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve) => {
    const none = (reason: string) => resolve({ status: 0, type: '', text: reason });
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const sending = send(
      `${app.url}`,
      { agent, method, path, headers: { ...headers, ...length }, timeout: PATIENCE_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => none(`broken answer: ${error.message}`));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sending.on('timeout', () => sending.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    sending.on('error', (error) => none(`no answer: ${error.message}`));
    sending.end(body ?? undefined);
  });
}

function described({ method, path, headers, body }: Request): string {
  const { authorization: _token, ...others } = headers;
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(others).slice(0, 300)} ${(body ?? '').toString().slice(0, 300)}`;
}
