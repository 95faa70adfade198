import { z } from 'zod';
import { flagsOf, type EventType } from '../../database/entities/event-type.entity.js';
import { inSteps } from '../../async/steps.js';
import { sourceOf } from '../../domain/json-source.js';
import { StepSize, type Stepwise } from '../../domain/stepwise.js';
import { listOf, names, time } from '../http-support/answers.js';
import { InvalidInput, MAX_PROBLEMS, WRONG_SHAPE, type InputProblem } from '../http-support/api-error.js';
import { pathStep } from '../http-support/contract.pipe.js';
import { JsonText } from '../http-support/json-text.js';
import { flag, limit, order } from '../http-support/list-query.js';
import {
  eventTypeName,
  featureFlag,
  featureFlags,
  groupName,
  jsonObject,
  plainName,
  plainText,
} from '../http-support/schemas.js';
import { resolvedFlags } from './feature-flags.js';
import { schemaFaultInSteps } from './json-schema-check.js';

/** JSON Schemas by version. `assertSchemas` checks them in steps. */
const schemas = jsonObject;

const shown = {
  /** The old form of `featureFlags`, for one flag. */
  featureFlag: featureFlag.nullish(),
  featureFlags: featureFlags.nullish(),
  groupName: groupName.nullish(),
};

const properties = z.object({
  description: plainText,
  archived: z.boolean().default(false),
  deprecated: z.boolean().default(false),
  schemas: schemas.nullable().default(null),
  ...shown,
});

/** A new event type. */
export const eventTypeIn = properties.extend({ name: eventTypeName }).meta({ id: 'EventTypeIn' }).transform(complete);

/** A replacement of an event type, whose name is in the path. */
export const eventTypePut = properties.meta({ id: 'EventTypeUpdate' }).transform(complete);

/** A change of some properties of an event type. Absent properties stay as they are. */
export const eventTypePatch = z
  .object({
    description: plainText.optional(),
    archived: z.boolean().optional(),
    deprecated: z.boolean().optional(),
    schemas: schemas.nullish(),
    ...shown,
  })
  .meta({ id: 'EventTypePatch' })
  .transform(({ featureFlag: one, ...given }) => ({ ...given, featureFlags: resolvedFlags(one, given.featureFlags) }));

/** The longest name, and the characters before it. */
const MAX_ITERATOR_LENGTH = 258;

/**
 * Where the page begins: after the item with this name, or before it with a leading `-`. A name that itself begins with `-` is written
 * with a `~` before it.
 */
const iterator = z
  .string()
  .max(MAX_ITERATOR_LENGTH)
  .transform((text) => ({ name: text.replace(/^-/, '').replace(/^~/, ''), backward: text.startsWith('-') }))
  .refine(({ name }) => plainName.safeParse(name).success, 'Must be the name of an event type')
  .nullable()
  .default(null);

/** Query parameters of the list, which is sorted by name. */
export const eventTypeList = z.object({
  limit,
  iterator,
  order: order('ascending'),
  include_archived: flag(false),
  with_content: flag(false),
});

/** Query parameters when an event type is deleted. */
export const eventTypeRemoval = z.object({ expunge: flag(false) });

export type EventTypeIn = z.output<typeof eventTypeIn>;
export type EventTypePut = z.output<typeof eventTypePut>;
export type EventTypePatch = z.output<typeof eventTypePatch>;
export type EventTypeList = z.output<typeof eventTypeList>;
export type EventTypeRemoval = z.output<typeof eventTypeRemoval>;

/** The iterator for a name. */
export function iteratorOf(name: string): string {
  return name.startsWith('-') ? `~${name}` : name;
}

/**
 * The event type with its schemas in the text of their author.
 *
 * @param source the JSON object from which it was parsed
 */
export function withSchemaSource<T extends { schemas?: object | null | undefined }>(given: T, source: Buffer) {
  const { schemas } = given;
  return { ...given, schemas: schemas ? sourceOf(source, 'schemas')!.toString() : schemas };
}

/** Throws InvalidInput unless each of the JSON Schemas by version is valid by draft 7. */
export async function assertSchemas({ schemas }: { schemas?: object | null | undefined }): Promise<void> {
  const problems = await inSteps(schemaProblems(schemas ?? {}));
  if (problems.length > 0) throw new InvalidInput(problems);
}

/** The problems of JSON Schemas by version. */
export function* schemaProblems(versions: object): Stepwise<InputProblem[]> {
  const problems: InputProblem[] = [];
  const size = new StepSize();
  for (const [version, schema] of Object.entries(versions)) {
    const fault = yield* schemaFaultInSteps(schema, size);
    if (fault)
      problems.push({ loc: ['body', 'schemas', version, ...fault.path.map(pathStep)], msg: fault.message, type: WRONG_SHAPE });
    if (problems.length >= MAX_PROBLEMS) break;
  }
  return problems;
}

/** An event type. `schemas` are shown in the text of their author. */
export const eventTypeOut = z
  .object({
    name: z.string(),
    description: z.string(),
    archived: z.boolean(),
    deprecated: z.boolean(),
    schemas: z.custom<JsonText>().meta({ type: 'object', additionalProperties: {} }).nullable(),
    featureFlag: z.string().nullable(),
    featureFlags: names,
    groupName: z.string().nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'EventTypeOut' });
export const eventTypePage = listOf(eventTypeOut);
export type EventTypeOut = z.output<typeof eventTypeOut>;

/** The event type as the API shows it. */
export function toEventTypeOut(row: EventType): EventTypeOut {
  const { name, description, archived, deprecated, featureFlag, groupName, createdAt, updatedAt } = row;
  const schemas = row.schemas === null ? null : new JsonText(row.schemas);
  const featureFlags = flagsOf(row);
  return { name, description, archived, deprecated, schemas, featureFlag, featureFlags, groupName, createdAt, updatedAt };
}

function complete<T extends z.output<typeof properties>>({ featureFlag: one, featureFlags: several, ...given }: T) {
  return { ...given, groupName: given.groupName ?? null, featureFlags: resolvedFlags(one, several) ?? null };
}
