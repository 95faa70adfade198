import { isObject, pointedTo, unescaped, type Json } from './openapi-pointer.js';

const COMPONENTS = '#/components/schemas/';
const DEEPEST = 90;
/** Values of these are data, not schemas. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum']);
/** Values of these are schemas by names that mean nothing here. */
const MAPS = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas']);

class NotConvertible extends Error {}

/**
 * A schema of an OpenAPI document as a JSON Schema that stands alone: the components that it refers to become its definitions, and
 * what only OpenAPI 3.0 knows is said in the words of draft 7. Null if a reference leads nowhere, or it is nested too deeply.
 */
export function draft7Of(spec: Json, schema: unknown): unknown {
  const needed = new Set<string>();
  try {
    const root = converted(schema, needed, 0);
    const definitions = new Map<string, unknown>();
    // The set grows while it is gone through, by what the definitions themselves refer to.
    for (const segment of needed) definitions.set(unescaped(segment), converted(definition(spec, segment), needed, 0));
    if (needed.size === 0 || !isObject(root)) return root;
    const own = isObject(root['definitions']) ? root['definitions'] : {};
    return { ...root, definitions: { ...own, ...Object.fromEntries(definitions) } };
  } catch (error) {
    if (error instanceof NotConvertible) return null;
    throw error;
  }
}

function definition(spec: Json, segment: string): unknown {
  const found = pointedTo(spec, COMPONENTS + segment);
  if (found === undefined) throw new NotConvertible();
  return found;
}

function converted(schema: unknown, needed: Set<string>, depth: number): unknown {
  if (depth > DEEPEST) throw new NotConvertible();
  if (Array.isArray(schema)) return schema.map((item) => converted(item, needed, depth + 1));
  if (!isObject(schema)) return schema;
  const entries = Object.entries(inDraft7(schema)).map(([key, value]): [string, unknown] => {
    if (key === '$ref' && typeof value === 'string') return [key, reference(value, needed)];
    if (DATA.has(key)) return [key, value];
    if (MAPS.has(key) && isObject(value)) return [key, eachConverted(value, needed, depth + 1)];
    return [key, converted(value, needed, depth + 1)];
  });
  return Object.fromEntries(entries);
}

function eachConverted(schemas: Json, needed: Set<string>, depth: number): Json {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, converted(schema, needed, depth)]));
}

function reference(value: string, needed: Set<string>): string {
  if (!value.startsWith('#')) return value;
  if (!value.startsWith(COMPONENTS)) throw new NotConvertible();
  const [segment, ...rest] = value.slice(COMPONENTS.length).split('/');
  needed.add(segment!);
  return ['#/definitions', segment, ...rest].join('/');
}

/** `nullable` and exclusive bounds that are flags are OpenAPI 3.0's own. */
function inDraft7(schema: Json): Json {
  const { nullable, ...rest } = schema;
  if (nullable === true && typeof rest['type'] === 'string') rest['type'] = [rest['type'], 'null'];
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof rest[flag] !== 'boolean') continue;
    const exclusive = rest[flag] && typeof rest[bound] === 'number';
    delete rest[flag];
    if (!exclusive) continue;
    rest[flag] = rest[bound];
    delete rest[bound];
  }
  return rest;
}
