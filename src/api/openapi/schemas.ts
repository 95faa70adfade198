import { z } from 'zod';
import type { Route } from '../auth/route.js';
import type { Descriptions, Json } from './description.js';
import { commonModels } from './models/common.js';
import { eventModels } from './models/events.js';
import { operationModels } from './models/operations.js';
import { resourceModels } from './models/resources.js';

/** Where the code's own schema says less than clients may rely on. */
const ADJUSTMENTS: Record<string, (schema: Json) => void> = {
  MessageIn: (schema) => {
    const { data: _alias, ...properties } = schema['properties'] as Record<string, Json>;
    schema['properties'] = { ...properties, payload: { type: 'object', additionalProperties: true } };
    schema['required'] = ['eventType', 'payload'];
  },
  EndpointHeadersPatchIn: (schema) => {
    schema['required'] = ['headers'];
  },
};

/** The schemas of the document by name: of bodies from the routes that take them, of answers from the models. */
export function componentSchemas(routes: Route[], descriptions: Descriptions): Record<string, Json> {
  const bodies = new Map<string, z.ZodType>();
  for (const { method, path, body } of routes) {
    const name = descriptions[`${method} ${path}`]?.body;
    if (name !== undefined && body) bodies.set(name, body);
  }
  const answers = { ...commonModels, ...resourceModels, ...operationModels, ...eventModels };
  const schemas = { ...written([...bodies], 'input'), ...written(Object.entries(answers), 'output') };
  for (const [name, adjust] of Object.entries(ADJUSTMENTS)) if (schemas[name]) adjust(schemas[name]);
  schemas['OpenApiDocument'] = { type: 'object' };
  return Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** A schema of a body that has no name of its own. */
export function inlineSchema(schema: z.ZodType): Json {
  return tidied(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: withDates }));
}

function written(named: [string, z.ZodType][], io: 'input' | 'output'): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(registry.has(schema) ? schema.meta({}) : schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
    override: withDates,
  });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, tidied(schema)]));
}

/** JSON Schema has no dates: they are text in a known form. */
const withDates = ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Json }): void => {
  if (zodSchema instanceof z.ZodDate) Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
};

/** Without what is the same everywhere, what only zod reads, and what would forbid a later version to answer more. */
function tidied(schema: unknown): Json {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => {
      if (key === '$schema' || key === '$id' || key === 'propertyNames' || (key === 'additionalProperties' && value === false))
        return undefined;
      return isEnumOfNumbers(value) ? { ...value, type: 'integer' } : value;
    }),
  ) as Json;
}

function isEnumOfNumbers(value: unknown): value is Json {
  const { enum: values } = (value ?? {}) as { enum?: unknown };
  return Array.isArray(values) && values.every(Number.isInteger) && (value as Json)['type'] === 'number';
}
