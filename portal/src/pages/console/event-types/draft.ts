import type { Catalogued, CataloguedPatch } from '../../../api/console/event-types.js';
import { formatted } from '../../../api/json-source.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.catalogue.form;
const FIRST_VERSION = '1';
/** A name of nothing but dots would be another path. */
const NAME = /^(?!\.{1,2}$)[a-zA-Z0-9\-_.]+$/;
const MAX_DESCRIPTION = 65_536;

/** What the form has, as text. */
export interface Draft {
  name: string;
  description: string;
  group: string;
  flags: string;
  deprecated: boolean;
  /** The version whose schema is edited: the newest. */
  version: string;
  schema: string;
  example: string;
}

export type Problems = Partial<Record<'name' | 'description' | 'group' | 'flags' | 'schema' | 'example', string>>;

type Schemas = Catalogued['schemas'];

/** The form for an event type; null for a new one. */
export function draftOf(type: Catalogued | null): Draft {
  const schemas = type?.schemas ?? {};
  const version =
    Object.keys(schemas)
      .sort((a, b) => Number(a) - Number(b))
      .at(-1) ?? FIRST_VERSION;
  const { schema, examples } = schemas[version] ?? { schema: null, examples: [] };
  return {
    name: type?.name ?? '',
    description: type?.description ?? '',
    group: type?.groupName ?? '',
    flags: (type?.featureFlags ?? []).join(', '),
    deprecated: type?.deprecated ?? false,
    version,
    schema: formatted(schema ?? ''),
    example: formatted(examples[0] ?? ''),
  };
}

/** What is wrong with it, before it is sent. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = {};
  if (draft.name === '') problems.name = words.missing;
  else if (!NAME.test(draft.name)) problems.name = words.badName;
  if (draft.description.trim() === '') problems.description = words.noDescription;
  else if (draft.description.length > MAX_DESCRIPTION) problems.description = texts.endpoints.form.rules.tooLong(MAX_DESCRIPTION);
  if (draft.group !== '' && !NAME.test(draft.group)) problems.group = words.badName;
  if (flagsOf(draft).some((flag) => !NAME.test(flag))) problems.flags = words.badName;
  const schema = parsed(draft.schema);
  if (schema.fault !== null) problems.schema = words.badJson(schema.fault);
  else if (draft.schema.trim() !== '' && !isObject(schema.value)) problems.schema = words.notObject;
  const example = parsed(draft.example);
  if (example.fault !== null) problems.example = words.badJson(example.fault);
  return problems;
}

/** The event type as the API wants it. Other versions of the schema, and further examples, stay; schemas that were not touched are left out. */
export function typeOf(draft: Draft, before: Catalogued | null): CataloguedPatch {
  const flags = flagsOf(draft);
  const isTouched = before === null || isNew('schema', draft, before) || isNew('example', draft, before);
  return {
    name: draft.name,
    description: draft.description.trim(),
    deprecated: draft.deprecated,
    groupName: draft.group || null,
    featureFlags: flags.length === 0 ? null : flags,
    ...(isTouched && { schemas: schemasOf(draft, before) }),
  };
}

const isNew = (field: 'schema' | 'example', draft: Draft, before: Catalogued | null) => draft[field] !== draftOf(before)[field];

function schemasOf(draft: Draft, before: Catalogued | null): Schemas {
  const { [draft.version]: own, ...others } = before?.schemas ?? {};
  const schema = own && !isNew('schema', draft, before) ? own.schema : draft.schema.trim() || null;
  const [first = '', ...further] = own?.examples ?? [];
  const example = isNew('example', draft, before) ? draft.example.trim() : first;
  const examples = example === '' ? further : [example, ...further];
  return schema === null && examples.length === 0 ? others : { ...others, [draft.version]: { schema, examples } };
}

function flagsOf({ flags }: Draft): string[] {
  return flags
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '');
}

function parsed(text: string): { value?: unknown; fault: string | null } {
  if (text.trim() === '') return { fault: null };
  try {
    return { value: JSON.parse(text) as unknown, fault: null };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
