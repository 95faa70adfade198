/** A JSON Schema. */
type Json = Record<string, any>;

const DEEPEST = 3;

/** Values that tell more than their type does. */
const NAMED: Json = {
  name: 'Acme',
  url: 'https://example.com/webhooks',
  description: 'Orders of Acme',
  uid: 'acme',
  eventType: 'order.paid',
  eventTypes: ['order.paid'],
  eventId: 'order-42-paid',
  channels: ['eu'],
  payload: { order: 42 },
  headers: { 'X-Team': 'billing' },
  since: '2026-01-02T03:04:05Z',
  until: '2026-01-03T03:04:05Z',
  disabled: false,
  archived: false,
  deprecated: false,
  iterator: null,
  prevIterator: null,
  done: true,
  metadata: {},
  version: 1,
  key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  msgId: 'msg_2mVTbb5JQv3oVQ4Lr1cBqTqhDzS',
  endpointId: 'ep_2mVTc1y0dq4TzQmB0kV6xS8nQzP',
  appId: 'app_2mVTbXk3nX8kqgD6sY1wE0v2uJr',
  orgId: 'org_23rb8YdGqMT0qIzpgGwdXfHirMu',
  response: '{"ok":true}',
  responseStatusCode: 200,
  responseDurationMs: 42,
};

/** Bodies whose properties can all be left out, by their schema: what is usually asked for. */
const WISHES: Record<string, object> = {
  ApplicationPatch: { name: 'Acme' },
  EndpointPatch: { description: 'Orders of Acme', eventTypes: ['order.paid'] },
  EndpointSecretRotateIn: { gracePeriodSeconds: 86_400 },
  BulkExpungeIn: { ids: [NAMED['msgId']] },
  EventTypePatch: { description: 'An order was paid' },
  AppPortalAccessIn: { readOnly: true, expiry: 3_600 },
  ApplicationTokenExpireIn: { expiry: 0 },
  ApiTokenExpireIn: { expiry: 0 },
  ApiTokenRotateIn: { gracePeriodSeconds: 86_400 },
  OrganizationLimitsIn: { throttleRate: 100, messagesPerDay: 1_000_000 },
  EnvironmentIn: { eventTypes: [{ name: 'order.paid', description: 'An order was paid' }] },
};

/** The id of what a schema describes. */
const IDS: [RegExp, string][] = [
  [/ApplicationOut$/, NAMED['appId'] as string],
  [/(EndpointMessage|FoundMessage|^Message|^PollingEndpointMessage)Out$/, NAMED['msgId'] as string],
  [/EndpointOut$/, NAMED['endpointId'] as string],
  [/^MessageAtte/, 'atmpt_2mVTcJ8sUuY5bqk3xN0fP7rWdLe'],
  [/^ApiToken/, 'key_2mVTcR4bJ1dC7yGm9wT5sZ0pXaK'],
  [/^OrganizationOut$/, NAMED['orgId'] as string],
  [
    /^(BackgroundTask|AggregateEventTypes|AppUsageStats|ExpungeAllContents|Recover|Replay)Out$/,
    'qtask_2mVTcZ9eHn2aV6uD8jQ3rF1mBwY',
  ],
];

/** An example of a schema of the document, with its required properties. `schemas` are those that it may refer to, by name. */
export function exampleOf(schema: Json, schemas: Json, depth = 0): unknown {
  const known = resolved(schema, schemas);
  const wish = WISHES[nameIn(schema) ?? ''];
  if (wish) return wish;
  if (known['examples']) return known['examples'][0];
  if (known['anyOf']) return exampleOf(known['anyOf'][0], schemas, depth);
  if (known['enum']) return known['enum'][0];
  if (known['type'] === 'object') {
    const required: string[] = known['required'] ?? [];
    const named: Json = {
      ...NAMED,
      id: idOf(schema),
      ...(nameIn(schema)?.startsWith('EventType') && { name: NAMED['eventType'] }),
    };
    const valueOf = (name: string): unknown =>
      named[name] === undefined ? exampleOf(known['properties'][name], schemas, depth + 1) : named[name];
    const entries = required.map((name) => [name, valueOf(name)]);
    return depth < DEEPEST ? Object.fromEntries(entries) : {};
  }
  if (known['type'] === 'array') return depth < DEEPEST ? [exampleOf(known['items'] ?? {}, schemas, depth + 1)] : [];
  if (known['format'] === 'date-time') return '2026-01-02T03:04:05Z';
  return ({ integer: 1, number: 1, boolean: true } as Json)[String(known['type'])] ?? '…';
}

/** Undefined if it is not known what the schema describes. */
function idOf(schema: Json): string | undefined {
  const name = nameIn(schema) ?? '';
  return IDS.find(([pattern]) => pattern.test(name))?.[1];
}

/** The name of the schema that this one refers to, if it does. */
function nameIn(schema: Json): string | undefined {
  return (schema['$ref'] as string | undefined)?.split('/').at(-1);
}

function resolved(schema: Json, schemas: Json): Json {
  const name = nameIn(schema);
  return name === undefined ? schema : (schemas[name] as Json);
}
