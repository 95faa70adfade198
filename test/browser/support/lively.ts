import type { TestApp, Overrides } from '../../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../../support/factories.js';
import { startReceiver, type Received, type Receiver, type ScriptedAnswer } from '../../support/receiver.js';
import { until } from '../../support/until.js';
import { lostDelivery } from './inside.js';

/** Two retries at once, and the next one so late that nothing happens by itself any more. */
export const LIVELY_SETTINGS: Overrides = { RETRY_SCHEDULE: '1,1,1800' };

const USUAL_MS = 30_000;
/** What is planned for later than this is as good as never. */
const LATER_MS = 60_000;
const MESSAGES = 24;

/** An organisation with something on each page of portal and console. */
export interface Lively {
  appId: string;
  /** It delivers, fails always, and is disabled, because it said that it is gone. */
  endpoints: Record<'good' | 'failing' | 'gone', string>;
  /** All that were sent to its endpoints, the oldest first. */
  msgIds: string[];
  /** The last of them: delivered at the third attempt to one endpoint, and waiting for the fourth at another. */
  msgId: string;
  attemptId: string;
  /** Not sent to any endpoint. */
  lonelyMsgId: string;
  receiver: Receiver;
}

const TYPES = [
  ['invoice.paid', 'Billing', 'An invoice was paid in full.'],
  ['invoice.overdue', 'Billing', 'An invoice is not paid, and its date has passed.'],
  ['order.created', 'Orders', 'A customer has ordered something.'],
  ['order.shipped', 'Orders', 'All parts of an order are on their way.'],
  ['customer.created', 'Customers', 'Somebody has opened an account.'],
] as const;

/** Makes it. The organisation's other applications have a name each, and no messages. */
export async function makeLively(app: TestApp): Promise<Lively> {
  const receiver = await startReceiver(answers());
  await makeTypes(app);
  for (const name of ['Lindgren Bikes', 'Tea & Kettle', 'Blue Harbour Books'])
    await anApplication(app, { name, uid: uidOf(name) });
  const appId = (await anApplication(app, { name: 'Old Mill Bakery', uid: 'old-mill-bakery' })).id;
  const endpoints = await makeEndpoints(app, appId, receiver);
  const msgIds: string[] = [];
  for (let n = 0; n < MESSAGES; n++) msgIds.push((await aMessage(app, appId, messageOf(n))).id);
  await until(() => areQuiet(app, appId, msgIds), USUAL_MS, 'all messages to be delivered or to wait');
  const msgId = msgIds.at(-1)!;
  const [attempt] = (await app.api.get(`/app/${appId}/attempt/msg/${msgId}?status=2`)).body.data;
  const lonely = (await anApplication(app, { name: 'Fjord Ferries', uid: 'fjord-ferries' })).id;
  const lonelyMsgId = (await aMessage(app, lonely, { eventType: 'order.created' })).id;
  await makeForTeam(app, appId, endpoints.good);
  return { appId, endpoints, msgIds, msgId, attemptId: attempt.id, lonelyMsgId, receiver };
}

const uidOf = (name: string) => name.toLowerCase().replaceAll(/[^a-z]+/g, '-');

/** Some answer at once, one is slow, one needs three attempts, one is broken, one is gone. */
function answers(): (request: Received) => ScriptedAnswer {
  const seen = new Map<string, number>();
  return ({ path, headers }) => {
    if (path.endsWith('/warehouse')) return { status: 500, body: 'upstream connect error or disconnect/reset before headers' };
    if (path.endsWith('/legacy')) return { status: 410, body: 'This address is no longer in use.' };
    if (path.endsWith('/reports')) return { status: 200, body: 'ok', delayMs: 600 };
    const id = String(headers['webhook-id']);
    const times = (seen.get(id) ?? 0) + 1;
    if (path.endsWith('/billing')) seen.set(id, times);
    if (path.endsWith('/billing') && times < 3) return { status: 503, body: '{"error":"the database is in recovery mode"}' };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"received":true}', delayMs: 40 };
  };
}

async function makeTypes(app: TestApp): Promise<void> {
  for (const [name, groupName, description] of TYPES)
    await app.api.post('/event-type', { name, groupName, description, schemas: { 1: schemaOf(name) } });
  await app.api.post('/event-type', {
    name: 'invoice.sent',
    groupName: 'Billing',
    description: 'Use invoice.paid.',
    deprecated: true,
  });
}

function schemaOf(name: string): Record<string, unknown> {
  return {
    title: name,
    type: 'object',
    required: ['id', 'createdAt'],
    properties: {
      id: { type: 'string', description: 'The id in our API.', examples: ['inv_10293'] },
      createdAt: { type: 'string', format: 'date-time' },
      amount: {
        type: 'object',
        properties: { value: { type: 'string' }, currency: { type: 'string', enum: ['EUR', 'USD', 'SEK'] } },
      },
      customer: { type: ['string', 'null'], description: 'Null for guests.' },
    },
    examples: [messageOf(0).payload],
  };
}

async function makeEndpoints(app: TestApp, appId: string, { url }: Receiver): Promise<Lively['endpoints']> {
  const make = async (path: string, description: string, fields: Record<string, unknown> = {}) =>
    (await anEndpoint(app, appId, { url: `${url}/${path}`, description, ...fields })).id as string;
  const gone = await make('legacy', 'Until 2024', { eventTypes: ['customer.created'] });
  const failing = await make('warehouse', '', { eventTypes: ['order.created', 'order.shipped', 'invoice.paid'] });
  await make('reports', 'Nightly reports', { channels: ['reports'] });
  await make('billing', 'Accounting', { eventTypes: ['invoice.paid', 'invoice.overdue'], throttleRate: 50 });
  const good = await make('orders', 'Shop', { headers: { 'x-environment': 'production' } });
  return { good, failing, gone };
}

function messageOf(n: number) {
  const [eventType] = TYPES[(n + 2) % TYPES.length]!;
  const payload = {
    id: `inv_${10_293 + n}`,
    createdAt: '2026-03-02T09:14:03Z',
    amount: { value: `${(n * 37 + 12) % 500}.50`, currency: 'EUR' },
    customer: n % 4 === 0 ? null : `cus_${800 + n}`,
  };
  // The last one goes to an endpoint of each kind.
  const type = n === MESSAGES - 1 ? 'invoice.paid' : eventType;
  return { eventType: type, payload, tags: ['eu'], channels: n % 3 === 0 ? ['reports'] : null };
}

async function areQuiet(app: TestApp, appId: string, msgIds: readonly string[]): Promise<boolean> {
  for (const id of msgIds) {
    const { body } = await app.api.get(`/app/${appId}/msg/${id}/endpoint?include_waiting=true`);
    const isQuiet = ({ statusText, nextAttempt }: { statusText: string; nextAttempt: string | null }) =>
      !['pending', 'sending'].includes(statusText) || (nextAttempt !== null && Date.parse(nextAttempt) > Date.now() + LATER_MS);
    if (!body.data.every(isQuiet)) return false;
  }
  return true;
}

/** What only the console shows. */
async function makeForTeam(app: TestApp, appId: string, endpointId: string): Promise<void> {
  await app.api.post('/auth/api-token', { name: 'Order service', scopes: ['send'] });
  await app.api.post('/auth/api-token', { name: 'Dashboard', scopes: ['read'] });
  await app.api.post('/operational-webhook/endpoint', { url: 'https://ops.example.com/posthorn', description: 'On call' });
  await app.api.post(`/app/${appId}/endpoint/${endpointId}/replay-missing`, {
    since: new Date(Date.now() - 60_000).toISOString(),
  });
  await lostDelivery(app, appId);
}
