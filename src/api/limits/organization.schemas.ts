import { z } from 'zod';
import type { ListedOrganization } from '../../database/repositories/organization.repository.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, time as timeOut } from '../http-support/answers.js';
import { limit } from '../http-support/list-query.js';
import { organizationId } from './limits.schemas.js';

/** Query parameters of the list of organisations. The iterator is the id of the last one of the page before. */
export const organizationList = z.object({ limit, iterator: organizationId.nullable().default(null) });

/** An organisation, by its applications. */
export const organizationOut = z.object({ id: z.string(), createdAt: timeOut }).meta({ id: 'OrganizationOut' });
export const organizationPage = listOf(organizationOut);

export type OrganizationList = z.output<typeof organizationList>;
export type OrganizationOut = z.output<typeof organizationOut>;

export function toOrganizationOut({ orgId, firstAppId }: ListedOrganization): OrganizationOut {
  return { id: orgId, createdAt: entityTime(firstAppId) };
}
