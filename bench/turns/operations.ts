/** An operation at its largest legal input. */
export interface Operation {
  title: string;
  method: 'GET' | 'POST';
  path: string;
  /** Text of the body; null without one. */
  body: string | null;
  /** How the answer must begin. */
  status: number;
}

/** What the operations need: an application, and one with twenty endpoints. */
export interface Belongings {
  appId: string;
  wideAppId: string;
}

const BODY_BYTES = 2_097_152;
const BATCH_BYTES = 16_777_216;

/** All of them, in an order in which each finds what it needs. */
export function operationsOf({ appId, wideAppId }: Belongings): Operation[] {
  const types = (description: string) => JSON.stringify({ eventTypes: names(20_000).map((name) => ({ name, description })) });
  const post = (title: string, path: string, body: string, status: number): Operation => ({
    title,
    method: 'POST',
    path,
    body,
    status,
  });
  const get = (title: string, path: string): Operation => ({ title, method: 'GET', path, body: null, status: 200 });
  return [
    post(
      'message, payload of small objects',
      `/app/${appId}/msg`,
      filled('{"eventType":"a","payload":{"a":[', '{}', ']}}', BODY_BYTES),
      202,
    ),
    post('batch of 1,000 messages', `/app/${appId}/msg/batch`, largeBatch(), 202),
    post('batch with 20,000 deliveries', `/app/${wideAppId}/msg/batch`, batchOf(1_000, '{"n":1}'), 202),
    post('environment import, new event types', '/environment/import', types('first'), 204),
    post('environment import, known event types', '/environment/import', types('second'), 204),
    post('environment export', '/environment/export', '{}', 200),
    post(
      'endpoint with 10,000 event types',
      `/app/${appId}/endpoint`,
      JSON.stringify({ url: 'https://example.com/', eventTypes: names(10_000) }),
      201,
    ),
    post(
      'endpoint with 10,000 wrong event types',
      `/app/${appId}/endpoint`,
      JSON.stringify({ url: 'https://example.com/', eventTypes: names(10_000).map((name) => `${name}?`) }),
      422,
    ),
    post(
      'event type, schema of small schemas',
      '/event-type',
      filled('{"name":"large","description":"","schemas":{"1":{"anyOf":[', '{}', ']}}}', BODY_BYTES),
      201,
    ),
    post('OpenAPI import, 20,000 webhooks', '/event-type/import/openapi', manyWebhooks(false), 200),
    post('OpenAPI import, `replaceAll`', '/event-type/import/openapi', manyWebhooks(true), 200),
    post('OpenAPI import, shared components', '/event-type/import/openapi', sharedComponents(), 200),
    post('OpenAPI import, YAML at its limits', '/event-type/import/openapi', yaml(), 200),
    get('OpenAPI document', '/openapi.json'),
    get('list of 250 event types', '/event-type?limit=250&with_content=true'),
    post('message, text of 2 MB', `/app/${appId}/msg`, textMessage(), 202),
    post('message, small objects as raw payload', `/app/${appId}/msg`, rawMessage(), 202),
    get('page of payloads, 4 MB', `/app/${appId}/msg?limit=250&with_content=true`),
    get('page of 250 messages', `/app/${appId}/msg?limit=250&with_content=false`),
  ];
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `order.type-${n}`);
}

/** As many items as fit. */
function filled(before: string, item: string, after: string, bytes: number): string {
  const count = Math.floor((bytes - before.length - after.length) / (item.length + 1));
  return before + Array.from({ length: count }, () => item).join(',') + after;
}

function batchOf(count: number, payload: string): string {
  return `[${Array.from({ length: count }, () => `{"eventType":"a","payload":${payload}}`).join(',')}]`;
}

function largeBatch(): string {
  const payload = filled('{"a":[', '{"b":1}', ']}', Math.floor(BATCH_BYTES / 1_000) - 100);
  return batchOf(1_000, payload);
}

function manyWebhooks(replaceAll: boolean): string {
  const webhooks = Object.fromEntries(names(20_000).map((name) => [name, { post: { description: String(replaceAll) } }]));
  return JSON.stringify({ spec: { openapi: '3.1.0', webhooks }, replaceAll });
}

/** 200 webhooks that need 300 components of 100 references each: 0.5 MB. */
function sharedComponents(): string {
  const properties = (n: number) =>
    Object.fromEntries(Array.from({ length: 30 }, (_, m) => [`p${m}`, { $ref: `#/components/schemas/c${(n + m) % 300}` }]));
  const schemas = Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => [`c${n}`, { type: 'object', properties: properties(n) }]),
  );
  const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/c0' } } } };
  const webhooks = Object.fromEntries(names(20).map((name) => [name, { post: { requestBody: body } }]));
  return JSON.stringify({ spec: { openapi: '3.1.0', components: { schemas }, webhooks } });
}

function textMessage(): string {
  return JSON.stringify({ eventType: 'a', payload: { a: 'x'.repeat(BODY_BYTES - 100) } });
}

function rawMessage(): string {
  const rawPayload = filled('{"a":[', '{}', ']}', BODY_BYTES - 200);
  return JSON.stringify({ eventType: 'a', payload: {}, transformationsParams: { rawPayload } });
}

function yaml(): string {
  const lines = names(2_700).map((name) => `  ${name}:\n    post:\n      summary: A text\n      deprecated: true\n`);
  return JSON.stringify({ specRaw: `openapi: 3.1.0\nwebhooks:\n${lines.join('')}` });
}
