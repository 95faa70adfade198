import { z } from 'zod';
import type { Route } from '../auth/route.js';

/** A JSON Schema, or another part of the document. */
export type Json = { [key: string]: unknown };

const COMPONENTS = '#/components/schemas/';

/** Text of the answers' times. */
const DATE = z.toJSONSchema(z.iso.datetime());

/** Options of every conversion. JSON Schema has no dates: they are text in a known form. */
const OPTIONS = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Json }) => {
    if (zodSchema instanceof z.ZodDate) Object.assign(jsonSchema, DATE);
  },
} as const;

/** A reference to a schema that has a name (`.meta({ id })`); the whole of one that has none. */
export function schemaOf(schema: z.ZodType): Json {
  const id = schema.meta()?.id;
  if (id !== undefined) return { $ref: COMPONENTS + id };
  const { $defs: _named, ...inline } = z.toJSONSchema(schema, { ...OPTIONS, io: 'input' });
  return tidied(inline);
}

/** Every schema that has a name. Those of requests are written as they come in, all others as they go out. */
export function componentSchemas(routes: Route[]): Record<string, Json> {
  const incoming = namedSchemas('input');
  const schemas = namedSchemas('output');
  const names = namesIn(routes.flatMap(({ body }) => (body ? [schemaOf(body)] : [])));
  // What is added on the way is visited too.
  for (const name of names) {
    schemas[name] = incoming[name]!;
    for (const other of namesIn(incoming[name])) names.add(other);
  }
  return Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function namedSchemas(io: 'input' | 'output'): Record<string, Json> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { ...OPTIONS, io, uri: (id) => COMPONENTS + id });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, tidied(schema)]));
}

/** The names of the schemas that a part of the document refers to. */
function namesIn(part: unknown): Set<string> {
  return new Set([...JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!));
}

/** Without what is the same everywhere, what only zod reads, and what would forbid a later version to answer more. */
function tidied(schema: unknown): Json {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => {
      if (key === '$schema' || key === '$id' || key === 'propertyNames' || (key === 'additionalProperties' && value === false))
        return undefined;
      if (key === '$ref') return String(value).replace('#/$defs/', COMPONENTS);
      if (isUndocumented(value)) return undefined;
      return isEnumOfNumbers(value) ? { ...value, type: 'integer' } : value;
    }),
  ) as Json;
}

/** Properties that are accepted for old clients only carry `.meta({ undocumented: true })`. */
function isUndocumented(value: unknown): boolean {
  return (value as Json | null)?.['undocumented'] === true;
}

function isEnumOfNumbers(value: unknown): value is Json {
  const { enum: values } = (value ?? {}) as { enum?: unknown };
  return Array.isArray(values) && values.every(Number.isInteger) && (value as Json)['type'] === 'number';
}
