import { isObject, objectText, stringIn, textOf, treeInSteps, type JsonNode, type JsonObject } from '../../domain/json-tree.js';
import { StepSize, type Stepwise } from '../../domain/stepwise.js';
import type { SchemaFault } from './json-schema-check.js';
import { extensionsOf, type Extensions } from './openapi-extensions.js';
import { pointedTo } from './openapi-pointer.js';
import { SchemaConverter } from './openapi-schema.js';
import { SpecFault } from './spec-fault.js';

/** An event type as a document describes it. */
export interface DescribedEventType extends Extensions {
  name: string;
  description: string;
  deprecated: boolean;
  /** The JSON Schemas by version, as source text; null if the webhook has no schema of its body. */
  schemas: string | null;
  /** The first fault in the schemas. */
  fault: SchemaFault | null;
  /** The schemas are nested too deeply, and were not checked. */
  isTooDeep: boolean;
}

const SECTIONS = ['x-webhooks', 'webhooks'];
const METHODS = ['post', 'put', 'patch', 'get', 'delete', 'head', 'options', 'trace'];
const VERSION = '1';
/** Limit on the schemas of all webhooks of a document. Each one contains a copy of the definitions that it refers to. */
const MAX_CHARS = 8 * 1024 * 1024;
const MAX_WEBHOOKS = 20_000;

/**
 * The webhooks of an OpenAPI document (3.1, or 3.0 with `x-webhooks`) as event types, sorted by name. Throws SpecFault.
 *
 * @param source the JSON text of the document
 */
export function* eventTypesOf(source: string): Stepwise<DescribedEventType[]> {
  const spec = yield* treeInSteps(source);
  if (!isObject(spec)) throw new SpecFault([], 'Must be an OpenAPI document');
  const document = new Document(spec);
  const size = new StepSize();
  let chars = 0;
  const found = new Map<string, DescribedEventType>();
  for (const section of SECTIONS) {
    for (const [name, item] of objectAt(spec, section)?.members ?? []) {
      const type = yield* document.eventType([section, name], item);
      const own = name.length + type.description.length + (type.schemas?.length ?? 0);
      chars += own;
      if (chars > MAX_CHARS) throw new SpecFault([section, name], 'The schemas of all webhooks together are too large');
      found.set(name, { ...type, name });
      if (found.size > MAX_WEBHOOKS) throw new SpecFault([section], `Must not have more than ${MAX_WEBHOOKS} webhooks`);
      if (size.isFull(own)) yield;
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

type Described = Omit<DescribedEventType, 'name'>;
type Body = Pick<DescribedEventType, 'schemas' | 'fault' | 'isTooDeep'>;
const NO_BODY: Body = { schemas: null, fault: null, isTooDeep: false };

/** Reads the parts of a document. Parts that several webhooks share are read once. */
class Document {
  private readonly converter: SchemaConverter;
  private readonly items = new Map<JsonObject, Described>();
  private readonly bodies = new Map<JsonObject, Body>();

  constructor(private readonly spec: JsonObject) {
    this.converter = new SchemaConverter(spec);
  }

  *eventType(path: string[], given: JsonNode): Stepwise<Described> {
    const item = resolved(this.spec, given);
    if (!item) throw new SpecFault(path, 'Must be a path item with an operation');
    const known = this.items.get(item);
    if (known) return known;
    const method = METHODS.find((name) => objectAt(item, name) !== null);
    if (!method) throw new SpecFault(path, 'Has no operation');
    const operation = objectAt(item, method)!;
    const described = {
      description: firstText(operation, item),
      deprecated: operation.members.get('deprecated') === 'true',
      ...(yield* this.body([...path, method], operation)),
      ...extensionsOf([...path, method], operation, item),
    };
    this.items.set(item, described);
    return described;
  }

  private *body(path: string[], operation: JsonObject): Stepwise<Body> {
    const given = resolved(this.spec, operation.members.get('requestBody'));
    if (!given) return NO_BODY;
    const known = this.bodies.get(given);
    if (known) return known;
    const body = yield* this.newBody(path, given);
    this.bodies.set(given, body);
    return body;
  }

  private *newBody(path: string[], body: JsonObject): Stepwise<Body> {
    const content = objectAt(body, 'content');
    const type = content && [...content.members.keys()].find((name) => /^application\/([^;]*\+)?json\b/i.test(name));
    const media = typeof type === 'string' ? objectAt(content!, type) : null;
    const given = media?.members.get('schema');
    if (!media || given === undefined) return NO_BODY;
    const schema = yield* this.converter.draft7Of(given, examplesOf(this.spec, media));
    if (schema === null) throw new SpecFault([...path, 'requestBody'], 'The schema refers to a component that does not exist');
    const { text, fault, isTooDeep } = schema;
    return { schemas: objectText([[VERSION, text]]), fault, isTooDeep };
  }
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
