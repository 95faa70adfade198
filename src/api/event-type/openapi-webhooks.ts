import { isObject, objectText, stringIn, textOf, treeOf, type JsonNode, type JsonObject } from '../../domain/json-tree.js';
import { extensionsOf, type Extensions } from './openapi-extensions.js';
import { pointedTo } from './openapi-pointer.js';
import { draft7Of } from './openapi-schema.js';
import { SpecFault } from './spec-fault.js';

/** An event type as a document describes it. */
export interface DescribedEventType extends Extensions {
  name: string;
  description: string;
  deprecated: boolean;
  /** The JSON Schemas by version, as source text; null if the webhook has no schema of its body. */
  schemas: string | null;
}

const SECTIONS = ['x-webhooks', 'webhooks'];
const METHODS = ['post', 'put', 'patch', 'get', 'delete', 'head', 'options', 'trace'];
const VERSION = '1';
/** Limit on the schemas of all webhooks of a document. Each one contains a copy of the definitions that it refers to. */
const MAX_CHARS = 8 * 1024 * 1024;

/**
 * The webhooks of an OpenAPI document (3.1, or 3.0 with `x-webhooks`) as event types, sorted by name. Throws SpecFault.
 *
 * @param source the JSON text of the document
 */
export function eventTypesOf(source: string): DescribedEventType[] {
  const spec = treeOf(source);
  if (!isObject(spec)) throw new SpecFault([], 'Must be an OpenAPI document');
  let chars = 0;
  const found = new Map<string, DescribedEventType>();
  for (const section of SECTIONS) {
    for (const [name, item] of objectAt(spec, section)?.members ?? []) {
      const type = eventTypeOf(spec, [section, name], item);
      chars += name.length + type.description.length + (type.schemas?.length ?? 0);
      if (chars > MAX_CHARS) throw new SpecFault([section, name], 'The schemas of all webhooks together are too large');
      found.set(name, { ...type, name });
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function eventTypeOf(spec: JsonObject, path: string[], given: JsonNode): Omit<DescribedEventType, 'name'> {
  const item = resolved(spec, given);
  if (!item) throw new SpecFault(path, 'Must be a path item with an operation');
  const method = METHODS.find((name) => objectAt(item, name) !== null);
  if (!method) throw new SpecFault(path, 'Has no operation');
  const operation = objectAt(item, method)!;
  const schema = bodySchema(spec, [...path, method], operation);
  return {
    description: firstText(operation, item),
    deprecated: operation.members.get('deprecated') === 'true',
    schemas: schema === null ? null : objectText([[VERSION, schema]]),
    ...extensionsOf([...path, method], operation, item),
  };
}

function bodySchema(spec: JsonObject, path: string[], operation: JsonObject): string | null {
  const body = resolved(spec, operation.members.get('requestBody'));
  const content = body && objectAt(body, 'content');
  const type = content && [...content.members.keys()].find((name) => /^application\/([^;]*\+)?json\b/i.test(name));
  const media = typeof type === 'string' ? objectAt(content!, type) : null;
  const given = media?.members.get('schema');
  if (!media || given === undefined) return null;
  const schema = draft7Of(spec, given, examplesOf(spec, media));
  if (schema === null) throw new SpecFault([...path, 'requestBody'], 'The schema refers to a component that does not exist');
  return schema;
}

function examplesOf(spec: JsonObject, media: JsonObject): string[] {
  const named = [...(objectAt(media, 'examples')?.members.values() ?? [])].map((given) => resolved(spec, given));
  const values = [media.members.get('example'), ...named.map((example) => example?.members.get('value'))];
  return values.filter((value) => value !== undefined).map(textOf);
}

/** The object itself, or the object that its `$ref` points to. */
function resolved(spec: JsonObject, given: JsonNode | undefined): JsonObject | null {
  if (!isObject(given)) return null;
  const reference = stringIn(given.members.get('$ref'));
  if (reference === null) return given;
  const target = pointedTo(spec, reference);
  return isObject(target) && stringIn(target.members.get('$ref')) === null ? target : null;
}

function objectAt({ members }: JsonObject, key: string): JsonObject | null {
  const found = members.get(key);
  return isObject(found) ? found : null;
}

function firstText(operation: JsonObject, item: JsonObject): string {
  const said = [operation, item].flatMap(({ members }) => [members.get('description'), members.get('summary')]);
  return said.map(stringIn).find((text) => text !== null && text !== '') ?? '';
}
