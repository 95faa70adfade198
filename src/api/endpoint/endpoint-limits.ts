import { Injectable } from '@nestjs/common';
import type { Limits } from '../../config/limit-variables.js';
import type { Application } from '../../database/entities/application.entity.js';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { OPERATIONS_ORG } from '../../domain/operational-event.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { invalid } from '../http-support/api-error.js';

/** Endpoints of an organisation for operational webhooks. */
const MAX_OPERATIONAL_ENDPOINTS = 500;

/** Knows what the endpoints of an application may have. */
@Injectable()
export class EndpointLimits {
  constructor(private readonly limits: OrganizationLimits) {}

  /** The application of operational endpoints belongs to no organisation: its uid is the organisation's id. */
  of({ orgId, uid }: Pick<Application, 'orgId' | 'uid'>): Limits {
    if (orgId !== OPERATIONS_ORG) return this.limits.of(orgId);
    return { ...this.limits.of(uid ?? orgId), maxEndpointsPerApp: MAX_OPERATIONAL_ENDPOINTS };
  }
}

/** Throws InvalidInput if there are too many channels, and more than the endpoint has already. */
export function assertChannelLimit(
  current: Pick<Endpoint, 'channels'> | null,
  { channels }: { channels?: string[] | null },
  { maxChannelsPerEndpoint: max }: Limits,
): void {
  const count = channels?.length ?? 0;
  if (count > max && count > (current?.channels?.length ?? 0))
    throw invalid(
      ['body', 'channels'],
      `An endpoint has at most ${max} channels (maxChannelsPerEndpoint). An operator can raise it`,
    );
}

/** The properties of a new endpoint, if it has not too many channels. */
export function withinChannelLimit<T extends { channels?: string[] | null }>(fields: T, limits: Limits): T {
  assertChannelLimit(null, fields, limits);
  return fields;
}
