import {
  isList,
  isNumber,
  isObject,
  objectText,
  stringIn,
  textOf,
  type JsonNode,
  type JsonObject,
} from '../../domain/json-tree.js';
import { pointedTo, unescaped } from './openapi-pointer.js';

const COMPONENTS = '#/components/schemas/';
/** The values of these keywords are data, not schemas. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum']);
/** The values of these keywords are schemas by name. The names are not keywords. */
const MAPS = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas']);

type Members = ReadonlyMap<string, JsonNode>;

class NotConvertible extends Error {}

/**
 * Turns a schema of an OpenAPI document into a complete JSON Schema. Components that it refers to become its definitions. Keywords that
 * only OpenAPI 3.0 has are replaced by those of draft 7. Everything else keeps its text. Null if a reference points to nothing.
 *
 * @param examples source texts, used if the schema has no examples
 */
export function draft7Of(spec: JsonObject, schema: JsonNode, examples: readonly string[]): string | null {
  try {
    const needed = new Set<string>();
    const root = converted(schema, needed);
    const definitions = new Map<string, string>();
    // The definitions may refer to more components: the loop also visits those that it adds.
    for (const segment of needed) definitions.set(unescaped(segment), converted(definition(spec, segment), needed));
    return isObject(schema) ? withMore(schema, root, definitions, examples) : root;
  } catch (error) {
    if (error instanceof NotConvertible) return null;
    throw error;
  }
}

function withMore(
  schema: JsonObject,
  root: string,
  definitions: ReadonlyMap<string, string>,
  examples: readonly string[],
): string {
  const added = new Map<string, string>();
  const own = schema.members.get('definitions');
  if (definitions.size > 0) {
    const ownTexts = isObject(own) ? convertedMembers(own.members, new Set()) : [];
    added.set('definitions', objectText(new Map([...ownTexts, ...definitions])));
  }
  if (examples.length > 0 && !schema.members.has('examples')) added.set('examples', `[${examples.join(',')}]`);
  if (added.size === 0) return root;
  return objectText(new Map([...convertedKeywords(inDraft7(schema.members), new Set()), ...added]));
}

function definition(spec: JsonObject, segment: string): JsonNode {
  const found = pointedTo(spec, COMPONENTS + segment);
  if (found === undefined) throw new NotConvertible();
  return found;
}

/** The text of a schema. Parts that need no change keep their source text. */
function converted(schema: JsonNode, needed: Set<string>): string {
  if (isList(schema)) {
    const items = schema.items.map((item) => converted(item, needed));
    return items.every((item, at) => item === textOf(schema.items[at]!)) ? schema.text : `[${items.join(',')}]`;
  }
  if (!isObject(schema)) return textOf(schema);
  return rebuilt(schema, convertedKeywords(inDraft7(schema.members), needed));
}

function rebuilt({ text, members }: JsonObject, entries: [string, string][]): string {
  const isSame = entries.length === members.size && entries.every(([name, own]) => own === textOf(members.get(name) ?? ''));
  return isSame ? text : objectText(entries);
}

function convertedKeywords(members: Members, needed: Set<string>): [string, string][] {
  return Array.from(members, ([key, value]) => {
    const reference = key === '$ref' ? stringIn(value) : null;
    if (reference !== null) return [key, referenceText(textOf(value), reference, needed)];
    if (DATA.has(key)) return [key, textOf(value)];
    if (MAPS.has(key) && isObject(value)) return [key, rebuilt(value, convertedMembers(value.members, needed))];
    return [key, converted(value, needed)];
  });
}

function convertedMembers(schemas: Members, needed: Set<string>): [string, string][] {
  return Array.from(schemas, ([name, schema]) => [name, converted(schema, needed)]);
}

function referenceText(text: string, reference: string, needed: Set<string>): string {
  if (!reference.startsWith('#')) return text;
  if (!reference.startsWith(COMPONENTS)) throw new NotConvertible();
  const [segment, ...rest] = reference.slice(COMPONENTS.length).split('/');
  needed.add(segment!);
  return JSON.stringify(['#/definitions', segment, ...rest].join('/'));
}

/** OpenAPI 3.0 alone has `nullable`, and `exclusiveMinimum` and `exclusiveMaximum` as booleans. */
function inDraft7(given: Members): Members {
  const members = new Map(given);
  const type = members.get('type');
  if (members.get('nullable') === 'true' && stringIn(type) !== null) members.set('type', `[${textOf(type!)},"null"]`);
  members.delete('nullable');
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const isExclusive = members.get(flag);
    if (isExclusive !== 'true' && isExclusive !== 'false') continue;
    members.delete(flag);
    const limit = members.get(bound);
    if (isExclusive === 'false' || !isNumber(limit)) continue;
    members.delete(bound);
    members.set(flag, limit!);
  }
  return members;
}
