import { Controller, Get, Query } from '@nestjs/common';
import { OrganizationRepository } from '../../database/repositories/organization.repository.js';
import type { Page } from '../../domain/page.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  organizationList,
  organizationPage,
  toOrganizationOut,
  type OrganizationList,
  type OrganizationOut,
} from './organization.schemas.js';

/** The organisations of the installation, for operators. */
@Controller('/api/v1/admin/organization')
@Tag('Limits')
@Permission('operator')
export class OrganizationController {
  constructor(private readonly organizations: OrganizationRepository) {}

  @Get()
  @Operation({
    id: 'v1.admin.organization.list',
    summary: 'List the organisations',
    text:
      'Those that have, or had, an application, sorted by id. `createdAt` is when the first of these applications was made. The ' +
      'iterator is the id of the last one. Only an operator may ask.',
    answers: { 200: organizationPage },
  })
  async list(@Query({ schema: organizationList }) { limit, iterator }: OrganizationList): Promise<Page<OrganizationOut>> {
    const rows = await this.organizations.list(iterator ?? '', limit + 1);
    const data = rows.slice(0, limit).map(toOrganizationOut);
    return { data, iterator: data.at(-1)?.id ?? null, done: rows.length <= limit };
  }
}
