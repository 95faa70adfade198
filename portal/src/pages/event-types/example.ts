import { childrenOf, formatted, memberSource, WrittenNumber } from '../../api/json-source.js';
import { fieldsOf, isNumber, itemsOf, resolved, typesOf, type Schema, type Scope } from './schema.js';

const FORMATS: Record<string, string> = {
  'date-time': '2026-01-31T09:30:00Z',
  date: '2026-01-31',
  time: '09:30:00Z',
  email: 'somebody@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f0c6d2e-8a51-4c1b-9f3e-2b7a1d9e4c60',
};
const MOST_DEPTH = 12;
/** Fields that refer to fields make a schema of a few lines a payload that no browser holds. */
const MOST_VALUES = 1_000;

/** Where a value stands, and how many more may be made: one count for the whole example. */
interface Place {
  scope: Scope;
  depth: number;
  budget: { left: number };
}

/**
 * The first example that the author gave, as it was written; otherwise one made from the schema, null if that says nothing.
 *
 * @param source of the schema: parsed, large numbers have lost digits
 */
export function exampleOf(schema: Schema, source: string): { json: string; generated: boolean } | null {
  const [given] = childrenOf(memberSource(source, 'examples') ?? '[]');
  if (given && Array.isArray(schema.examples)) return { json: formatted(given.source), generated: false };
  const value = made(schema, { scope: { root: schema, seen: [] }, depth: 0, budget: { left: MOST_VALUES } });
  const isEmpty = value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? null : { json: JSON.stringify(value, null, 2), generated: true };
}

function made(given: unknown, { scope, depth, budget }: Place): unknown {
  const { schema, scope: inner, repeats } = resolved(given, scope);
  if (repeats || depth > MOST_DEPTH || budget.left-- <= 0) return null;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  const below = { scope: inner, depth: depth + 1, budget };
  const choice = [schema.oneOf, schema.anyOf].find((one) => Array.isArray(one) && one.length > 0);
  return choice ? made(choice[0], below) : byType(schema, below);
}

function byType(schema: Schema, below: Place): unknown {
  const type = typesOf(schema).find((one) => one !== 'null') ?? typesOf(schema)[0];
  if (type === 'object') return Object.fromEntries(fieldsOf(schema).map(([name, field]) => [name, made(field, below)]));
  if (type === 'array') {
    const items = itemsOf(schema);
    return items === null ? [] : [made(items, below)];
  }
  if (type === 'string') return FORMATS[schema.format ?? ''] ?? 'text';
  if (type === 'integer' || type === 'number') return numberOf(schema);
  return type === 'boolean' ? true : null;
}

function numberOf({ minimum, exclusiveMinimum, maximum }: Schema): unknown {
  if (isNumber(minimum)) return minimum;
  if (isNumber(exclusiveMinimum)) return above(exclusiveMinimum);
  return typeof maximum === 'number' ? Math.min(maximum, 1) : (maximum ?? 1);
}

function above(limit: number | WrittenNumber): unknown {
  if (typeof limit === 'number') return limit + 1;
  return /^-?\d+$/.test(limit.source) ? new WrittenNumber(String(BigInt(limit.source) + 1n)) : Number(limit.source) + 1;
}
