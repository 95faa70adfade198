/** A JSON Schema. */
type Json = Record<string, any>;

const DEEPEST = 3;

/** Values that tell more than their type does. */
const NAMED: Json = {
  name: 'Acme',
  url: 'https://example.com/webhooks',
  eventType: 'order.paid',
  payload: { order: 42 },
  headers: { 'X-Team': 'billing' },
  since: '2026-01-02T03:04:05Z',
  until: '2026-01-03T03:04:05Z',
};

/** An example of a schema of the document, with its required properties. `schemas` are those that it may refer to, by name. */
export function exampleOf(schema: Json, schemas: Json, depth = 0): unknown {
  const known = resolved(schema, schemas);
  if (known['examples']) return known['examples'][0];
  if (known['anyOf']) return exampleOf(known['anyOf'][0], schemas, depth);
  if (known['enum']) return known['enum'][0];
  if (known['type'] === 'object') {
    const required: string[] = known['required'] ?? [];
    const entries = required.map((name) => [name, NAMED[name] ?? exampleOf(known['properties'][name], schemas, depth + 1)]);
    return depth < DEEPEST ? Object.fromEntries(entries) : {};
  }
  if (known['type'] === 'array') return depth < DEEPEST ? [exampleOf(known['items'] ?? {}, schemas, depth + 1)] : [];
  if (known['format'] === 'date-time') return '2026-01-02T03:04:05Z';
  return ({ integer: 1, number: 1, boolean: true } as Json)[String(known['type'])] ?? '…';
}

function resolved(schema: Json, schemas: Json): Json {
  return schema['$ref'] ? (schemas[String(schema['$ref']).split('/').at(-1)!] as Json) : schema;
}
