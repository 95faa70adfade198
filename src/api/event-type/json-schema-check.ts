type Path = (string | number)[];

/** A fault of a JSON Schema: where, and what is wrong. */
export interface SchemaFault {
  path: Path;
  message: string;
}

type Check = (value: unknown, path: Path) => SchemaFault | null;

/** What is nested deeper overflows the stack of those who write it as JSON again. */
const DEEPEST = 100;
const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const string = is('a string', (value) => typeof value === 'string');
const boolean = is('true or false', (value) => typeof value === 'boolean');
const number = is('a number', (value) => typeof value === 'number');
const count = is('a whole number from 0', (value) => Number.isInteger(value) && (value as number) >= 0);
const regExp = is('a regular expression', isRegExp);
const someList = is('a list that is not empty', (value) => Array.isArray(value) && value.length > 0);
const distinct = is('a list without repetitions', (value) => Array.isArray(value) && new Set(value).size === value.length);
const strings = both(distinct, listOf(string));
const typeName = is(`one of ${TYPES.join(', ')}`, (value) => TYPES.includes(value as string));
const typeNames = both(someList, both(distinct, listOf(typeName)));
const someSchemas = both(someList, listOf(schema));
const schemasByName = mapOf(schema);

/** The keywords of draft 7 and what their values must be. Other keys are notes and may hold anything. */
const KEYWORDS = new Map<string, Check>([
  ...each(string, '$id', '$schema', '$ref', '$comment', 'title', 'description', 'format', 'contentMediaType', 'contentEncoding'),
  ...each(boolean, 'readOnly', 'writeOnly', 'uniqueItems'),
  ...each(number, 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum'),
  ...each(count, 'maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'),
  ...each(schema, 'additionalItems', 'contains', 'additionalProperties', 'propertyNames', 'if', 'then', 'else', 'not'),
  ...each(someSchemas, 'allOf', 'anyOf', 'oneOf'),
  ...each(schemasByName, 'definitions', 'properties'),
  ['patternProperties', both(schemasByName, keysAre(regExp))],
  ['dependencies', mapOf(listOr(strings, schema))],
  ['items', listOr(someSchemas, schema)],
  ['type', listOr(typeNames, typeName)],
  ['required', strings],
  ['enum', someList],
  ['examples', is('a list', Array.isArray)],
  ['multipleOf', is('a number above 0', (value) => typeof value === 'number' && value > 0)],
  ['pattern', regExp],
]);

/** The first fault of a JSON Schema by the rules of draft 7, null if it has none. References are not followed. */
export function jsonSchemaFault(value: unknown): SchemaFault | null {
  if (isDeeperThan(DEEPEST, value)) return { path: [], message: `Must not be nested deeper than ${DEEPEST} levels` };
  return schema(value, []);
}

/** `true` and `false` are schemas too. */
function schema(value: unknown, path: Path): SchemaFault | null {
  if (typeof value === 'boolean') return null;
  if (!isObject(value)) return { path, message: 'Must be a JSON Schema: an object, true or false' };
  return firstFault(Object.entries(value), ([key, item]) => KEYWORDS.get(key)?.(item, [...path, key]) ?? null);
}

function is(what: string, holds: (value: unknown) => boolean): Check {
  return (value, path) => (holds(value) ? null : { path, message: `Must be ${what}` });
}

function both(first: Check, second: Check): Check {
  return (value, path) => first(value, path) ?? second(value, path);
}

function listOr(list: Check, other: Check): Check {
  return (value, path) => (Array.isArray(value) ? list : other)(value, path);
}

function listOf(item: Check): Check {
  return (value, path) => firstFault([...(value as unknown[]).entries()], ([index, entry]) => item(entry, [...path, index]));
}

function mapOf(item: Check): Check {
  return (value, path) => {
    if (!isObject(value)) return { path, message: 'Must be an object' };
    return firstFault(Object.entries(value), ([key, entry]) => item(entry, [...path, key]));
  };
}

function keysAre(key: Check): Check {
  return (value, path) => firstFault(Object.keys(value as object), (name) => key(name, [...path, name]));
}

function each(check: Check, ...keywords: string[]): [string, Check][] {
  return keywords.map((keyword) => [keyword, check]);
}

function firstFault<T>(items: T[], check: (item: T) => SchemaFault | null): SchemaFault | null {
  for (const item of items) {
    const fault = check(item);
    if (fault) return fault;
  }
  return null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRegExp(value: unknown): boolean {
  try {
    return typeof value === 'string' && Boolean(new RegExp(value, 'u'));
  } catch {
    return false;
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(levels - 1, item));
}
