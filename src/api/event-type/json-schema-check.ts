import { atOnce, StepSize, type Stepwise } from '../../domain/stepwise.js';

/** An error in a JSON Schema: its path and a message. */
export interface SchemaFault {
  path: (string | number)[];
  message: string;
}

/** What a check found, or a check that takes long and is done in steps. */
type Found = SchemaFault | null | Stepwise<SchemaFault | null>;
type Check = (value: unknown, size: StepSize) => Found;

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const string = is('a string', (value) => typeof value === 'string');
const boolean = is('true or false', (value) => typeof value === 'boolean');
const number = is('a number', (value) => typeof value === 'number');
const count = is('a whole number from 0', (value) => Number.isInteger(value) && (value as number) >= 0);
const regExp: Check = pattern;
const someList = is('a list that is not empty', (value) => Array.isArray(value) && value.length > 0);
const strings = both(distinct, listOf(string));
const typeName = is(`one of ${TYPES.join(', ')}`, (value) => TYPES.includes(value as string));
const typeNames = both(someList, both(distinct, listOf(typeName)));
const someSchemas = both(someList, listOf(schema));
const schemasByName = mapOf(schema);

/** The keywords of draft 7 and the rules for their values. Other keys are annotations and may have any value. */
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
  ...each(is('a list', Array.isArray), 'enum', 'examples'),
  ['multipleOf', is('a number above 0', (value) => typeof value === 'number' && value > 0)],
  ['pattern', regExp],
]);

/**
 * The first error in a JSON Schema by the meta-schema of draft 7; null if it is valid. References are not followed.
 *
 * @param value its nesting must be limited already
 */
export function jsonSchemaFault(value: unknown): SchemaFault | null {
  return atOnce(schemaFaultInSteps(value));
}

/** The same, in steps: a schema can have hundreds of thousands of keywords. */
export function* schemaFaultInSteps(value: unknown, size = new StepSize()): Stepwise<SchemaFault | null> {
  return yield* result(schema(value, size));
}

/** `true` and `false` are valid schemas. */
function schema(value: unknown, size: StepSize): Found {
  if (typeof value === 'boolean') return null;
  if (!isObject(value)) return fault('Must be a JSON Schema: an object, true or false');
  return firstFault(Object.keys(value), (key) => KEYWORDS.get(key)?.((value as Values)[key], size) ?? null, size);
}

type Values = Record<string, unknown>;

function* result(found: Found): Stepwise<SchemaFault | null> {
  return found === null || 'message' in found ? found : yield* found;
}

function is(what: string, holds: (value: unknown) => boolean): Check {
  return (value) => (holds(value) ? null : fault(`Must be ${what}`));
}

function both(first: Check, second: Check): Check {
  return function* (value, size) {
    return (yield* result(first(value, size))) ?? (yield* result(second(value, size)));
  };
}

function listOr(list: Check, other: Check): Check {
  return (value, size) => (Array.isArray(value) ? list : other)(value, size);
}

function listOf(item: Check): Check {
  return (value, size) => firstFault((value as unknown[]).keys(), (at) => item((value as unknown[])[at], size), size);
}

function mapOf(item: Check): Check {
  return (value, size) => {
    if (!isObject(value)) return fault('Must be an object');
    return firstFault(Object.keys(value), (name) => item((value as Values)[name], size), size);
  };
}

function keysAre(key: Check): Check {
  return (value, size) => firstFault(Object.keys(value as object), (name) => key(name, size), size);
}

function each(check: Check, ...keywords: string[]): [string, Check][] {
  return keywords.map((keyword) => [keyword, check]);
}

/** Adds a step to the path of an error on the way back. So a valid schema needs no paths at all. */
function* firstFault<Step extends string | number>(
  steps: Iterable<Step>,
  check: (step: Step) => Found,
  size: StepSize,
): Stepwise<SchemaFault | null> {
  for (const step of steps) {
    if (size.isFull()) yield;
    const found = yield* result(check(step));
    if (found) return { ...found, path: [step, ...found.path] };
  }
  return null;
}

function* distinct(value: unknown, size: StepSize): Stepwise<SchemaFault | null> {
  const seen = new Set<unknown>();
  for (const item of Array.isArray(value) ? value : [undefined, undefined]) {
    if (size.isFull()) yield;
    if (seen.has(item)) return fault('Must be a list without repetitions');
    seen.add(item);
  }
  return null;
}

function fault(message: string): SchemaFault {
  return { path: [], message };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Patterns cost more than their characters, and have limits. */
const PATTERN_WEIGHT = 16;
const MAX_PATTERN_CHARS = 4_096;
/** Compiling classes of characters by the second grammar takes up to 6 µs a character. So few patterns may need it. */
const MAX_SECOND_CHARS = 65_536;
/** How many characters each check has compiled by the second grammar. */
const compiledAgain = new WeakMap<StepSize, number>();

function* pattern(value: unknown, size: StepSize): Stepwise<SchemaFault | null> {
  if (typeof value !== 'string') return fault('Must be a regular expression');
  if (value.length > MAX_PATTERN_CHARS) return fault(`Must not be longer than ${MAX_PATTERN_CHARS} characters`);
  if (size.isFull(value.length * PATTERN_WEIGHT)) yield;
  if (compiles(value, '')) return null;
  const chars = (compiledAgain.get(size) ?? 0) + value.length;
  compiledAgain.set(size, chars);
  return chars <= MAX_SECOND_CHARS && compiles(value, 'u') ? null : fault('Must be a regular expression');
}

/** ECMA 262 has two grammars for patterns: without the flag `u` any character may be escaped (Annex B), with it the rules are stricter. */
function compiles(pattern: string, flags: string): boolean {
  try {
    return Boolean(new RegExp(pattern, flags));
  } catch {
    return false;
  }
}
