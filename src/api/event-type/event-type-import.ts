import { Injectable } from '@nestjs/common';
import { EventTypeImportRepository } from '../../database/event-type-import.repository.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { invalid, InvalidInput } from '../http-support/api-error.js';
import { eventTypeName } from '../http-support/schemas.js';
import type { OpenApiImport } from './event-type-import.schemas.js';
import { jsonSchemaFault } from './json-schema-check.js';
import { eventTypesOf, SpecFault, type DescribedEventType } from './openapi-webhooks.js';

/** What was changed, or would be: then as well how it would be. */
export interface ImportOut {
  data: { modified: string[]; to_modify?: (DescribedEventType & { groupName: null; featureFlags: null })[] };
}

/** Makes event types of the webhooks of an OpenAPI document: all of them, or none if one is not acceptable. */
@Injectable()
export class EventTypeImport {
  constructor(private readonly eventTypes: EventTypeImportRepository) {}

  async fromOpenApi({ orgId }: Tenant, { spec, specRaw, dryRun, replaceAll }: OpenApiImport): Promise<ImportOut> {
    const place = specRaw === undefined || specRaw === null ? 'spec' : 'specRaw';
    const described = checked(place, place === 'spec' ? spec : parsed(specRaw!));
    const wanted = described.map((type) => ({ ...type, archived: false }));
    const modified = await this.eventTypes.putAll(orgId, wanted, { dryRun, archiveOthers: replaceAll });
    if (!dryRun) return { data: { modified } };
    const toModify = described.filter(({ name }) => modified.includes(name));
    return { data: { modified, to_modify: toModify.map((type) => ({ ...type, groupName: null, featureFlags: null })) } };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(['body', 'specRaw'], 'Must be JSON. YAML is not read here: convert it first');
  }
}

function checked(place: string, spec: unknown): DescribedEventType[] {
  try {
    const types = eventTypesOf(spec);
    const problems = types.flatMap((type) => faultsOf(place, type));
    if (problems.length > 0) throw new InvalidInput(problems);
    return types;
  } catch (error) {
    if (!(error instanceof SpecFault)) throw error;
    throw invalid(['body', place, ...error.path], error.message);
  }
}

function faultsOf(place: string, { name, schemas }: DescribedEventType) {
  const loc = ['body', place, 'webhooks', name];
  const legal = eventTypeName.safeParse(name);
  const problems = legal.success ? [] : legal.error.issues.map(({ message }) => ({ loc, msg: message, type: 'value_error' }));
  const fault =
    schemas &&
    Object.values(schemas)
      .map(jsonSchemaFault)
      .find((found) => found !== null);
  if (!fault) return problems;
  return [...problems, { loc: [...loc, ...fault.path.map(String)], msg: fault.message, type: 'value_error' }];
}
