import { WrittenNumber } from '../../api/json-source.js';

/** The parts of a JSON Schema (draft 7) that a reader is told about. The rest is in its text. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema | boolean>;
  required?: string[];
  items?: Schema | boolean | (Schema | boolean)[];
  additionalProperties?: Schema | boolean;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number | WrittenNumber;
  maximum?: number | WrittenNumber;
  exclusiveMinimum?: number | WrittenNumber;
  exclusiveMaximum?: number | WrittenNumber;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  deprecated?: boolean;
  oneOf?: (Schema | boolean)[];
  anyOf?: (Schema | boolean)[];
  allOf?: (Schema | boolean)[];
  $ref?: string;
}

/** Booleans and texts are no limits. */
export const isNumber = (value: unknown): value is number | WrittenNumber =>
  typeof value === 'number' || value instanceof WrittenNumber;

/** Where references lead: the whole schema, and the references that were followed on the way here. */
export interface Scope {
  root: Schema;
  seen: readonly string[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The schema that is meant: references within the same text are followed, and what `allOf` has is joined. `repeats`: it contains itself. */
export function resolved(given: unknown, scope: Scope): { schema: Schema; scope: Scope; repeats: boolean } {
  if (!isObject(given)) return { schema: {}, scope, repeats: false };
  const schema = given as Schema;
  const reference = textOf(schema.$ref);
  if (reference !== undefined) {
    if (reference === '#' || scope.seen.includes(reference)) return { schema, scope, repeats: true };
    const target = pointed(scope.root, reference);
    if (!isObject(target)) return { schema, scope, repeats: false };
    const { $ref: _, ...own } = schema;
    return resolved({ ...target, ...own }, { ...scope, seen: [...scope.seen, reference] });
  }
  if (!Array.isArray(schema.allOf)) return { schema, scope, repeats: false };
  const { allOf, ...own } = schema;
  let joined: Schema = own;
  let inner = scope;
  for (const part of allOf) {
    const found = resolved(part, inner);
    if (found.repeats) continue;
    inner = { ...inner, seen: [...new Set([...inner.seen, ...found.scope.seen])] };
    joined = join(found.schema, joined);
  }
  return { schema: joined, scope: inner, repeats: false };
}

function join(first: Schema, second: Schema): Schema {
  return {
    ...first,
    ...second,
    ...((first.properties || second.properties) && { properties: { ...first.properties, ...second.properties } }),
    ...((first.required || second.required) && { required: [...requiredOf(first), ...requiredOf(second)] }),
  };
}

/** The names of the fields that must be there. */
export function requiredOf({ required }: Schema): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** The fields of an object, by name. */
export function fieldsOf({ properties }: Schema): [name: string, schema: Schema | boolean][] {
  return isObject(properties) ? Object.entries(properties) : [];
}

/** The types that a value may have; none if it may be anything. */
export function typesOf(schema: Schema): string[] {
  const { type, properties, items } = schema;
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  if (typeof type === 'string') return [type];
  if (isObject(properties)) return ['object'];
  return items === undefined ? [] : ['array'];
}

/** The schema of all items of a list; null if it says nothing of them, or something else of each. */
export function itemsOf({ items }: Schema): Schema | null {
  return isObject(items) ? items : null;
}

function pointed(root: Schema, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  const steps = reference
    .slice(1)
    .split('/')
    .slice(1)
    .map((step) => decoded(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  let found: unknown = root;
  for (const step of steps) {
    const isThere = (isObject(found) || Array.isArray(found)) && Object.hasOwn(found, step);
    if (!isThere) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

/** "100%" is a name too, although no URI would have it so. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
