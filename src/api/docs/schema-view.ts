import { html, type Html } from './html.js';

/** A JSON Schema, or a part of the OpenAPI document. */
export type Json = Record<string, any>;

const DEEPEST = 3;

/** A schema as a table of its properties. Other schemas in it are links. */
export function schemaTable(schema: Json, schemas: Json): Html {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  const rows = Object.entries(properties as Json).map(
    ([name, property]) =>
      html`<tr>
        <th scope="row"><code>${name}</code>${(required as string[]).includes(name) && html`<em>required</em>`}</th>
        <td>${typeOf(property)}${limitsOf(property)}${property.description && html`<br />${property.description}`}</td>
      </tr>`,
  );
  return rows.length > 0
    ? html`<table>
        ${rows}
      </table>`
    : html`<p>${typeOf(schema)}</p>`;
}

/** The type of a value in a few words. */
export function typeOf(schema: Json): Html {
  if (schema['$ref']) return html`<a href="#schema-${nameOf(schema)}">${nameOf(schema)}</a>`;
  const union: Json[] | undefined = schema['anyOf'] ?? schema['oneOf'];
  if (union) return html`${union.map((one, at) => html`${at > 0 && ' or '}${typeOf(one)}`)}`;
  if (schema['enum'])
    return html`${schema['enum'].map((value: unknown, at: number) => html`${at > 0 && ' · '}<code>${JSON.stringify(value)}</code>`)}`;
  if (schema['type'] === 'array') return html`list of ${typeOf(schema['items'] ?? {})}`;
  if (schema['format'] === 'date-time') return html`time`;
  const types = [schema['type'] ?? 'anything'].flat() as string[];
  return html`${types.join(' or ')}`;
}

function limitsOf({ minimum, maximum, minLength, maxLength, maxItems, default: usual }: Json): Html {
  const limits = [
    bounded(minimum) && `from ${minimum}`,
    bounded(maximum) && `up to ${maximum}`,
    minLength > 0 && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    maxItems !== undefined && `at most ${maxItems} items`,
    usual !== undefined && typeof usual !== 'object' && `default ${JSON.stringify(usual)}`,
  ].filter(Boolean);
  return html`${limits.length > 0 && html` <small>${limits.join(', ')}</small>`}`;
}

/** Whether a limit is a real one, and not that of all safe integers. */
function bounded(value: number | undefined): boolean {
  return value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

/** An example of a schema with its required properties. */
export function exampleOf(schema: Json, schemas: Json, depth = 0): unknown {
  const known = resolved(schema, schemas);
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

const NAMED: Json = {
  name: 'Acme',
  url: 'https://example.com/webhooks',
  eventType: 'order.paid',
  payload: { order: 42 },
  headers: { 'X-Team': 'billing' },
};

function resolved(schema: Json, schemas: Json): Json {
  return schema['$ref'] ? (schemas[nameOf(schema)] as Json) : schema;
}

/** The name that a reference ends with. */
export function nameOf(schema: Json): string {
  return String(schema['$ref']).split('/').at(-1)!;
}
