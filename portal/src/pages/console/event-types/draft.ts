import type { Catalogued, CataloguedPatch } from '../../../api/console/catalogued.js';
import { formatted } from '../../../api/json-source.js';
import { isPathName, isPlainName, textProblem } from '../../../api/text-rules.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.catalogue.form;
const { rules } = texts.kit;
const FIRST_VERSION = '1';
const MAX_FLAGS = 1_000;

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

/** What was typed into the form, with the version of the schema that it was typed for. The rest of the form follows the server. */
export type Typed = Partial<Draft>;

/** The form for an event type; null for a new one. */
export function draftOf(type: Catalogued | null, typed: Typed = {}): Draft {
  const version = typed.version ?? newestOf(type);
  const { schema, examples } = type?.schemas[version] ?? { schema: null, examples: [] };
  return {
    name: type?.name ?? '',
    description: type?.description ?? '',
    group: type?.groupName ?? '',
    flags: (type?.featureFlags ?? []).join(', '),
    deprecated: type?.deprecated ?? false,
    schema: formatted(schema ?? ''),
    example: formatted(examples[0] ?? ''),
    ...typed,
    version,
  };
}

function newestOf(type: Catalogued | null): string {
  const versions = Object.keys(type?.schemas ?? {}).sort((one, other) => Number(one) - Number(other));
  return versions.at(-1) ?? FIRST_VERSION;
}

/** What is wrong with it, before it is sent. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = {};
  if (draft.name === '') problems.name = rules.nameMissing;
  else if (!isPathName(draft.name)) problems.name = rules.name;
  const description = draft.description.trim();
  const badDescription = description === '' ? words.noDescription : textProblem(description);
  if (badDescription !== null) problems.description = badDescription;
  if (draft.group !== '' && !isPlainName(draft.group)) problems.group = rules.plainName;
  const badFlags = flagsProblem(flagsOf(draft));
  if (badFlags !== null) problems.flags = badFlags;
  const schema = parsed(draft.schema);
  if (schema.fault !== null) problems.schema = words.badJson(schema.fault);
  else if (draft.schema.trim() !== '' && !isObject(schema.value)) problems.schema = words.notObject;
  else if (draft.schema.trim() !== '' && Object.hasOwn(schema.value as object, 'examples')) problems.schema = words.examplesApart;
  const example = parsed(draft.example);
  if (example.fault !== null) problems.example = words.badJson(example.fault);
  return problems;
}

/**
 * What the API is to change: what differs from the event type as it is, or all of a new one. Other versions of the schema, and further examples, stay.
 */
export function changesOf(draft: Draft, before: Catalogued | null): CataloguedPatch {
  const was = draftOf(before, { version: draft.version });
  const isNew = (field: keyof Draft) => before === null || draft[field] !== was[field];
  const flags = flagsOf(draft);
  return {
    name: draft.name,
    ...(isNew('description') && { description: draft.description.trim() }),
    ...(isNew('deprecated') && { deprecated: draft.deprecated }),
    ...(isNew('group') && { groupName: draft.group || null }),
    ...(isNew('flags') && { featureFlags: flags.length === 0 ? null : flags }),
    ...((isNew('schema') || isNew('example')) && { schemas: schemasOf(draft, before, was) }),
  };
}

function schemasOf(draft: Draft, before: Catalogued | null, was: Draft): Schemas {
  const own = before?.schemas[draft.version];
  const schema = own && draft.schema === was.schema ? own.schema : draft.schema.trim() || null;
  const [first = '', ...further] = own?.examples ?? [];
  const example = draft.example === was.example ? first : draft.example.trim();
  const examples = example === '' ? further : [example, ...further];
  return { [draft.version]: { schema, examples } };
}

function flagsOf({ flags }: Draft): string[] {
  return flags
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '');
}

function flagsProblem(flags: readonly string[]): string | null {
  if (flags.length > MAX_FLAGS) return words.tooManyFlags(MAX_FLAGS);
  return flags.every(isPlainName) ? null : rules.plainName;
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
