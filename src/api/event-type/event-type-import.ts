import { Injectable } from '@nestjs/common';
import { EventTypeImportRepository } from '../../database/repositories/event-type-import.repository.js';
import { inSteps } from '../../async/steps.js';
import { MAX_LEVELS, TOO_DEEP } from '../../domain/json-depth.js';
import { sourceOf } from '../../domain/json-source.js';
import { JsonTooDeep, parsedInSteps } from '../../domain/json-steps.js';
import { StepSize, type Stepwise } from '../../domain/stepwise.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { invalid, InvalidInput, MAX_PROBLEMS, type InputProblem } from '../http-support/api-error.js';
import { JsonText } from '../http-support/json-text.js';
import { eventTypeName } from '../http-support/schemas.js';
import type { ImportOut, OpenApiImport } from './event-type-import.schemas.js';
import { eventTypesOf, type DescribedEventType } from './openapi-webhooks.js';
import { SpecFault } from './spec-fault.js';
import { jsonSourceInSteps, YamlFault } from './yaml-source.js';

type EventTypeToModify = Pick<DescribedEventType, 'name' | 'description' | 'deprecated'> & {
  schemas: JsonText | null;
  groupName: string | null;
  featureFlags: string[] | null;
};

/** Creates event types from the webhooks of an OpenAPI document: all of them, or none if one is invalid. */
@Injectable()
export class EventTypeImport {
  constructor(
    private readonly eventTypes: EventTypeImportRepository,
    private readonly limits: OrganizationLimits,
  ) {}

  /** @param source the bytes of the body: schemas and examples are stored in the text of their author */
  async fromOpenApi({ orgId }: Tenant, { specRaw, dryRun, replaceAll }: OpenApiImport, source: Buffer): Promise<ImportOut> {
    const place = specRaw === undefined || specRaw === null ? 'spec' : 'specRaw';
    const text = place === 'spec' ? sourceOf(source, 'spec')!.toString() : await inSteps(jsonOf(specRaw!));
    const described = await validated(place, text);
    const wanted = described.map(({ fault: _fault, isTooDeep: _isTooDeep, ...type }) => ({ ...type, archived: false }));
    const { maxEventTypes } = this.limits.of(orgId);
    const modified = await this.eventTypes.putAll(orgId, wanted, maxEventTypes, { dryRun, archiveOthers: replaceAll });
    if (!dryRun) return { data: { modified } };
    const names = new Set(modified);
    const toModify = described.filter(({ name }) => names.has(name));
    return { data: { modified, to_modify: toModify.map(toModifyOut) } };
  }
}

function toModifyOut({ name, description, deprecated, schemas, groupName, featureFlags }: DescribedEventType): EventTypeToModify {
  return {
    name,
    description,
    deprecated,
    schemas: schemas === null ? null : new JsonText(schemas),
    featureFlags: featureFlags ?? null,
    groupName: groupName ?? null,
  };
}

/** The JSON text of a document that was sent as JSON or YAML text. */
function* jsonOf(text: string): Stepwise<string> {
  try {
    yield* parsedInSteps(text, MAX_LEVELS);
    return text;
  } catch (error) {
    if (error instanceof JsonTooDeep) throw invalid(['body', 'specRaw'], TOO_DEEP);
    return yield* jsonOfYaml(text);
  }
}

function* jsonOfYaml(text: string): Stepwise<string> {
  try {
    return yield* jsonSourceInSteps(text);
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw invalid(['body', 'specRaw'], `Must be JSON or YAML. As YAML: ${error.message}`);
  }
}

async function validated(place: string, source: string): Promise<DescribedEventType[]> {
  try {
    return await inSteps(validTypes(place, source));
  } catch (error) {
    if (!(error instanceof SpecFault)) throw error;
    throw invalid(['body', place, ...error.path], error.message);
  }
}

function* validTypes(place: string, source: string): Stepwise<DescribedEventType[]> {
  const types = yield* eventTypesOf(source);
  const problems: InputProblem[] = [];
  const size = new StepSize();
  for (const type of types) {
    if (size.isFull()) yield;
    problems.push(...problemsOf(place, type));
    if (problems.length >= MAX_PROBLEMS) break;
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return types;
}

function problemsOf(place: string, { name, fault, isTooDeep: tooDeep }: DescribedEventType): InputProblem[] {
  const loc = ['body', place, 'webhooks', name];
  if (tooDeep) return [{ loc, msg: TOO_DEEP, type: 'value_error' }];
  const legal = eventTypeName.safeParse(name);
  const problems = legal.success ? [] : legal.error.issues.map(({ message }) => ({ loc, msg: message, type: 'value_error' }));
  if (!fault) return problems;
  return [...problems, { loc: [...loc, ...fault.path.map(String)], msg: fault.message, type: 'value_error' }];
}
