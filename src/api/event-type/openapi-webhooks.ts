import { isObject, pointedTo, type Json } from './openapi-pointer.js';
import { draft7Of } from './openapi-schema.js';

/** The spec can't be used; where, and why. */
export class SpecFault extends Error {
  constructor(
    readonly path: string[],
    message: string,
  ) {
    super(message);
  }
}

/** An event type as a spec describes it. */
export interface DescribedEventType {
  name: string;
  description: string;
  deprecated: boolean;
  /** Version → JSON Schema; null where the webhook says nothing of its body. */
  schemas: Record<string, unknown> | null;
}

const SECTIONS = ['x-webhooks', 'webhooks'];
const METHODS = ['post', 'put', 'patch', 'get', 'delete', 'head', 'options', 'trace'];
const VERSION = '1';
/** Each webhook carries along the definitions that it refers to: what one spec makes of that has a limit. */
const MOST_CHARS = 8 * 1024 * 1024;

/** The webhooks of an OpenAPI document (3.1, or 3.0 with `x-webhooks`) as event types, by name. Throws SpecFault. */
export function eventTypesOf(spec: unknown): DescribedEventType[] {
  if (!isObject(spec)) throw new SpecFault([], 'Must be an OpenAPI document');
  let chars = 0;
  const found = new Map<string, DescribedEventType>();
  for (const section of SECTIONS) {
    for (const [name, item] of Object.entries(objectAt(spec, section) ?? {})) {
      const type = eventTypeOf(spec, [section, name], item);
      chars += JSON.stringify(type).length;
      if (chars > MOST_CHARS) throw new SpecFault([section, name], 'The schemas of all webhooks together are too large');
      found.set(name, { ...type, name });
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function eventTypeOf(spec: Json, path: string[], given: unknown): Omit<DescribedEventType, 'name'> {
  const item = resolved(spec, given);
  if (!item) throw new SpecFault(path, 'Must be a path item with an operation');
  const method = METHODS.find((name) => isObject(item[name]));
  if (!method) throw new SpecFault(path, 'Has no operation');
  const operation = item[method] as Json;
  const schema = bodySchema(spec, [...path, method], operation);
  return {
    description: firstText(operation['description'], operation['summary'], item['description'], item['summary']),
    deprecated: operation['deprecated'] === true,
    schemas: schema === null ? null : { [VERSION]: schema },
  };
}

function bodySchema(spec: Json, path: string[], operation: Json): unknown {
  const content = objectAt(resolved(spec, operation['requestBody']) ?? {}, 'content') ?? {};
  const type = Object.keys(content).find((name) => /^application\/([^;]*\+)?json\b/i.test(name));
  const media = type === undefined ? undefined : content[type];
  if (!isObject(media) || media['schema'] === undefined) return null;
  const schema = draft7Of(spec, media['schema']);
  if (schema === null)
    throw new SpecFault([...path, 'requestBody'], 'The schema is nested too deeply, or refers to what is not there');
  const examples = examplesOf(spec, media);
  if (!isObject(schema) || 'examples' in schema || examples.length === 0) return schema;
  return { ...schema, examples };
}

function examplesOf(spec: Json, media: Json): unknown[] {
  const named = Object.values(objectAt(media, 'examples') ?? {}).flatMap((given) => {
    const example = resolved(spec, given);
    return example && 'value' in example ? [example['value']] : [];
  });
  return 'example' in media ? [media['example'], ...named] : named;
}

/** The object itself, or what its reference inside the document points to. */
function resolved(spec: Json, given: unknown): Json | null {
  if (!isObject(given)) return null;
  const reference = given['$ref'];
  if (typeof reference !== 'string') return given;
  const target = pointedTo(spec, reference);
  return isObject(target) && typeof target['$ref'] !== 'string' ? target : null;
}

function objectAt(value: Json, key: string): Json | null {
  const found = value[key];
  return isObject(found) ? found : null;
}

function firstText(...candidates: unknown[]): string {
  return (candidates.find((one) => typeof one === 'string' && one !== '') as string | undefined) ?? '';
}
