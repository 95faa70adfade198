import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { startApp, type TestApp } from '../support/app.js';
import { belongings } from '../support/belongings.js';
import { claimsFor, signToken } from '../support/tokens.js';
import { described, operationsOf, requestsAt, type Request } from './requests.js';
import { Wire, type Answer, type Known } from './wire.js';

/** So many that every operation is met in each of its moods. */
const ENOUGH = 20_000;
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? ENOUGH);
/** The same seed makes the same requests. FUZZ_SEED=random looks elsewhere. */
const SEED = process.env['FUZZ_SEED'] === 'random' ? Date.now() % 2 ** 31 : Number(process.env['FUZZ_SEED'] ?? 1);
const MAX_CONCURRENT = 16;
/** A round has a seed of its own, the next number: FUZZ_SEED with the one that failed begins with the round that failed. */
const BATCHES_A_ROUND = 120;
/** How long a smaller request with the same fault is looked for. */
const SHRINKING_MS = 30_000;
/** Operations that need an id which the fuzzer doesn't have. */
const SELDOM = ['POST /api/v1/admin/dead-letter/{id}/redrive'];

let app: TestApp;
let wire: Wire;
let known: Known;
let sent = 0;
const succeeded = new Set<string>();

beforeAll(async () => {
  // Nothing that is made here can be delivered to, so nothing has to be waited for at the end.
  app = await startApp({ ALLOWED_SUBNETS: '', RETRY_SCHEDULE: '', LOG_LEVEL: 'error', DELIVERY_TIMEOUT_SECONDS: '1' });
  wire = new Wire(app.url, MAX_CONCURRENT);
});
afterAll(async () => {
  wire.close();
  await app.stop();
});

it(`answers no request by a 5xx or not at all (${REQUESTS} requests, seed ${SEED})`, async () => {
  const { body: document } = await app.root.get('/api/v1/openapi.json');
  const operations = operationsOf(document);
  const batches = fc.array(requestsAt(operations, document.components.schemas), { minLength: 1, maxLength: MAX_CONCURRENT });

  for (let seed = SEED; sent < REQUESTS; seed++) {
    // What was deleted meanwhile is made anew.
    await renew();
    await fc.assert(withoutFaults(batches), { seed, numRuns: BATCHES_A_ROUND, includeErrorInReport: true });
  }

  // Requests that are refused at the door tell nothing of the rooms behind it.
  const expected = REQUESTS < ENOUGH ? [] : operations.map(({ key }) => key);
  expect(expected.filter((key) => !succeeded.has(key) && !SELDOM.includes(key))).toEqual([]);
  expect((await app.root.get('/health/ready')).status).toBe(200);
}, 3_600_000);

async function renew(): Promise<void> {
  const ids = await belongings(app, app.token);
  known = { ids, tokens: tokensFor(ids.app_id) };
}

/** New ones each time. */
function tokensFor(appId: string): Known['tokens'] {
  const reader = { ...claimsFor({ sub: appId, org: app.orgId }), capabilities: ['ViewBase'] };
  return {
    organization: app.tokenFor(app.orgId),
    operator: app.operatorToken(),
    application: app.appTokenFor(appId),
    readOnly: signToken(app.env['JWT_SECRET']!, reader),
  };
}

/** That a batch, sent at once, is answered well. */
function withoutFaults(batches: Arbitrary<Request[]>) {
  let shrinksUntil = Infinity;
  return fc.asyncProperty(batches, async (requests) => {
    if (Date.now() > shrinksUntil) return;
    const faults = (await Promise.all(requests.map(faultAt))).filter((fault) => fault !== null);
    if (faults.length === 0) return;
    shrinksUntil = Math.min(shrinksUntil, Date.now() + SHRINKING_MS);
    throw new Error(faults.join('\n'));
  });
}

/** What is wrong with the answer to a request, null if nothing is. */
async function faultAt(request: Request): Promise<string | null> {
  // Who logs out can't go on with the same token.
  const given = request.operation.endsWith('/auth/logout') ? { ...known, tokens: tokensFor(known.ids.app_id) } : known;
  const answer = await wire.answerTo(request, given);
  sent++;
  if (answer.status >= 200 && answer.status < 300) succeeded.add(request.operation);
  const fault = faultOf(request, answer);
  return fault && `${fault}: ${described(request)}`;
}

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
