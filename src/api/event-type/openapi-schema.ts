import {
  isList,
  isNumber,
  isObject,
  objectText,
  stringIn,
  textOf,
  treeInSteps,
  valueInSteps,
  type JsonNode,
  type JsonObject,
} from '../../domain/json-tree.js';
import { isTooDeep, MAX_LEVELS } from '../../domain/json-depth.js';
import { StepSize, type Stepwise } from '../../domain/stepwise.js';
import { schemaFaultInSteps, type SchemaFault } from './json-schema-check.js';
import { unescaped } from './openapi-pointer.js';

const COMPONENTS = '#/components/schemas/';
/** The values of these keywords are data, not schemas. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum']);
/** The values of these keywords are schemas by name. The names are not keywords. */
const MAPS = new Set(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas']);
/** The levels around a schema where it is stored, and around a component in the definitions of one. */
const LEVELS_AROUND = 2;
const LEVELS_AROUND_DEFINITION = 4;

/** The keywords that may differ. */
const ONLY_OPENAPI = ['nullable', 'exclusiveMinimum', 'exclusiveMaximum'];

type Members = ReadonlyMap<string, JsonNode>;
type Entries = [string, string][];

/** A schema as draft 7. */
interface Converted {
  text: string;
  /** The names of the components that it refers to itself. */
  needed: ReadonlySet<string>;
  fault: SchemaFault | null;
  isTooDeep: boolean;
}

/** The complete JSON Schema of a webhook. */
export interface WebhookSchema {
  text: string;
  fault: SchemaFault | null;
  isTooDeep: boolean;
}

class NotConvertible extends Error {}

/**
 * Turns schemas of an OpenAPI document into complete JSON Schemas. Components that they refer to become their definitions. Keywords that
 * only OpenAPI 3.0 has are replaced by those of draft 7. Everything else keeps its text.
 *
 * Each component is converted and checked once, however many webhooks refer to it.
 */
export class SchemaConverter {
  private readonly components = new Map<string, Converted>();
  private readonly size = new StepSize();
  private readonly declared: Members;

  constructor(spec: JsonObject) {
    const components = spec.members.get('components');
    const schemas = isObject(components) ? components.members.get('schemas') : undefined;
    this.declared = isObject(schemas) ? schemas.members : new Map();
  }

  /**
   * The schema with all that it needs; null if a reference points to nothing.
   *
   * @param examples source texts, used if the schema has no examples
   */
  *draft7Of(schema: JsonNode, examples: readonly string[]): Stepwise<WebhookSchema | null> {
    try {
      const needed = new Set<string>();
      const entries = isObject(schema) ? yield* this.keywords(schema.members, needed) : null;
      const changed =
        entries === null ? yield* this.changed(schema, needed) : entries.isChanged ? objectText(entries.texts) : null;
      const root = yield* this.checked(changed ?? textOf(schema), needed, LEVELS_AROUND);
      const definitions: [string, Converted][] = [];
      // The loop also visits the names that it adds.
      for (const name of needed) {
        const component = yield* this.component(name);
        definitions.push([name, component]);
        for (const other of component.needed) needed.add(other);
      }
      const text = isObject(schema) ? yield* this.withMore(schema, root.text, entries!.texts, definitions, examples) : root.text;
      const broken = definitions.find(([, { fault }]) => fault !== null);
      const inDefinition = broken && { ...broken[1].fault!, path: ['definitions', broken[0], ...broken[1].fault!.path] };
      return {
        text,
        fault: root.fault ?? inDefinition ?? null,
        isTooDeep: root.isTooDeep || definitions.some(([, component]) => component.isTooDeep),
      };
    } catch (error) {
      if (error instanceof NotConvertible) return null;
      throw error;
    }
  }

  private *component(name: string): Stepwise<Converted> {
    const known = this.components.get(name);
    if (known) return known;
    const schema = this.declared.get(name);
    if (schema === undefined) throw new NotConvertible();
    const needed = new Set<string>();
    const text = (yield* this.changed(schema, needed)) ?? textOf(schema);
    const converted = yield* this.checked(text, needed, LEVELS_AROUND_DEFINITION);
    this.components.set(name, converted);
    return converted;
  }

  private *checked(text: string, needed: ReadonlySet<string>, levelsAround: number): Stepwise<Converted> {
    if (this.size.isFull(text.length)) yield;
    if (isTooDeep(Buffer.from(text), MAX_LEVELS - levelsAround)) return { text, needed, fault: null, isTooDeep: true };
    const value = yield* valueInSteps(yield* treeInSteps(text), this.size);
    return { text, needed, fault: yield* schemaFaultInSteps(value, this.size), isTooDeep: false };
  }

  private *withMore(
    schema: JsonObject,
    root: string,
    entries: Entries,
    definitions: readonly [string, Converted][],
    examples: readonly string[],
  ): Stepwise<string> {
    const added = new Map<string, string>();
    if (definitions.length > 0) {
      const own = schema.members.get('definitions');
      const ownTexts = isObject(own) ? (yield* this.named(own.members, new Set())).texts : [];
      const texts = definitions.map(([name, { text }]) => [name, text] as const);
      added.set('definitions', objectText(new Map([...ownTexts, ...texts])));
    }
    if (examples.length > 0 && !schema.members.has('examples')) added.set('examples', `[${examples.join(',')}]`);
    return added.size === 0 ? root : objectText(new Map([...entries, ...added]));
  }

  /** The text of a schema; null if it needs no change, so that the parts around it keep their source text too. */
  private *changed(schema: JsonNode, needed: Set<string>): Stepwise<string | null> {
    if (isList(schema)) return yield* this.changedItems(schema.items, needed);
    if (!isObject(schema)) return null;
    const { texts, isChanged } = yield* this.keywords(schema.members, needed);
    return isChanged ? objectText(texts) : null;
  }

  private *changedItems(items: readonly JsonNode[], needed: Set<string>): Stepwise<string | null> {
    let isChanged = false;
    let text = '';
    for (const item of items) {
      if (this.size.isFull()) yield;
      const changed = yield* this.changed(item, needed);
      isChanged ||= changed !== null;
      text += (text === '' ? '' : ',') + (changed ?? textOf(item));
    }
    return isChanged ? '[' + text + ']' : null;
  }

  private *keywords(given: Members, needed: Set<string>): Stepwise<{ texts: Entries; isChanged: boolean }> {
    const members = inDraft7(given);
    let isChanged = members !== given;
    const texts: Entries = [];
    for (const [key, value] of members) {
      if (this.size.isFull(key.length)) yield;
      const changed = yield* this.keyword(key, value, needed);
      isChanged ||= changed !== null;
      texts.push([key, changed ?? textOf(value)]);
    }
    return { texts, isChanged };
  }

  private *keyword(key: string, value: JsonNode, needed: Set<string>): Stepwise<string | null> {
    const reference = key === '$ref' ? stringIn(value) : null;
    if (reference !== null) return referenceText(reference, needed);
    if (DATA.has(key)) return null;
    if (!MAPS.has(key) || !isObject(value)) return yield* this.changed(value, needed);
    const { texts, isChanged } = yield* this.named(value.members, needed);
    return isChanged ? objectText(texts) : null;
  }

  private *named(schemas: Members, needed: Set<string>): Stepwise<{ texts: Entries; isChanged: boolean }> {
    let isChanged = false;
    const texts: Entries = [];
    for (const [name, schema] of schemas) {
      if (this.size.isFull(name.length)) yield;
      const changed = yield* this.changed(schema, needed);
      isChanged ||= changed !== null;
      texts.push([name, changed ?? textOf(schema)]);
    }
    return { texts, isChanged };
  }
}

/** The text of a reference to a component; null for one that stays as it is. */
function referenceText(reference: string, needed: Set<string>): string | null {
  if (!reference.startsWith('#')) return null;
  if (!reference.startsWith(COMPONENTS)) throw new NotConvertible();
  const [segment, ...rest] = reference.slice(COMPONENTS.length).split('/');
  needed.add(unescaped(segment!));
  return JSON.stringify(['#/definitions', segment, ...rest].join('/'));
}

/** OpenAPI 3.0 alone has `nullable`, and `exclusiveMinimum` and `exclusiveMaximum` as booleans. */
function inDraft7(given: Members): Members {
  if (!ONLY_OPENAPI.some((key) => given.has(key))) return given;
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
