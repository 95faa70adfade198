import { z } from 'zod';
import type { Stepwise } from '../../domain/stepwise.js';
import type { Route } from '../auth/route.js';

/** A JSON Schema, or another part of the document. */
export type Json = { [key: string]: unknown };

const COMPONENTS = '#/components/schemas/';

/** The schema of times in answers. */
const DATE = z.toJSONSchema(z.iso.datetime());

/** Options of every conversion. JSON Schema has no type for a Date, so it becomes text with a format. */
const OPTIONS = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Json }) => {
    if (zodSchema instanceof z.ZodDate) Object.assign(jsonSchema, DATE);
  },
} as const;

/** A reference to a named schema (`.meta({ id })`); a schema without a name is written out. */
export function schemaOf(schema: z.ZodType): Json {
  const id = schema.meta()?.id;
  if (id !== undefined) return { $ref: COMPONENTS + id };
  const { $defs: _named, ...inline } = z.toJSONSchema(schema, { ...OPTIONS, io: 'input' });
  return tidied(inline);
}

/** The schema that the document shows for a parameter, with the limits of the one that checks it. */
export function limited(shown: Json, checked: Json): Json {
  const own = [checked, ...((checked['anyOf'] ?? []) as Json[])].find(({ type }) => type === shown['type']) ?? {};
  const limits = Object.entries(own).filter(([name]) => name === 'maxLength' || name === 'maxItems');
  return { ...shown, ...Object.fromEntries(limits) };
}

/** All named schemas. Those of requests are described before zod transforms them, all others after it. */
export function* componentSchemas(routes: Route[]): Stepwise<Record<string, Json>> {
  const incoming = namedSchemas('input');
  yield;
  const schemas = namedSchemas('output');
  yield;
  const names = namesIn(routes.flatMap(({ body }) => (body ? [schemaOf(body)] : [])));
  // The loop also visits the names that it adds.
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

/** The schema without keys that only zod needs. `additionalProperties: false` is removed, because a later version may answer more. */
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

/** Whether a property is left out of the document: those with `.meta({ undocumented: true })` are for old clients only. */
function isUndocumented(value: unknown): boolean {
  return (value as Json | null)?.['undocumented'] === true;
}

function isEnumOfNumbers(value: unknown): value is Json {
  const { enum: values } = (value ?? {}) as { enum?: unknown };
  return Array.isArray(values) && values.every(Number.isInteger) && (value as Json)['type'] === 'number';
}
