import { Controller, Get, Query } from '@nestjs/common';
import { DatabaseClock } from '../../database/database-clock.js';
import { ApplicationRepository } from '../../database/repositories/application.repository.js';
import { AuditRepository } from '../../database/repositories/audit.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
import { timeWindow } from '../../domain/time-window.js';
import { Owner } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { ApiError } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { auditList, auditPage, toAuditEntryOut, type AuditEntryOut, type AuditList } from './audit.schemas.js';

/** Who changed what. An organisation sees its own log, an operator that of all. */
@Controller('/api/v1/audit-log')
@Tag('Audit Log')
@Permission('organization-or-operator')
export class AuditController {
  constructor(
    private readonly entries: AuditRepository,
    private readonly applications: ApplicationRepository,
    private readonly clock: DatabaseClock,
  ) {}

  @Get()
  @Operation({
    id: 'v1.audit-log.list',
    summary: 'List who changed what',
    text:
      'Newest first. A page covers at most 90 days: those before now, before `before`, or with `after` alone those from then on. Every operation that changes something has an entry, except the creation of messages. It names the ' +
      'token by its id, and the changed fields without their values. `org_id` is for operators; with `operator` they ' +
      'see what belongs to no organisation.',
    answers: { 200: auditPage },
  })
  async list(@Owner() owner: string | null, @Query({ schema: auditList }) query: AuditList): Promise<Page<AuditEntryOut>> {
    const orgId = organizationOf(owner, query.org_id);
    const filter = { orgId, appId: await this.appId(orgId, query.app_id), operation: query.operation, tokenId: query.token_id };
    const window = timeWindow('audit_', query, this.clock.now());
    const rows = await this.entries.list(filter, window, query.limit + 1);
    return pageOf(rows.map(toAuditEntryOut), query.limit, window.order === 'oldest-first', ({ id }) => id);
  }

  /** The id of an application. A deleted one has no uid any more, so it is found by its id only. */
  private async appId(orgId: string | null, idOrUid: string | null): Promise<string | null> {
    if (idOrUid === null || orgId === null || idOrUid.startsWith('app_')) return idOrUid;
    return (await this.applications.find(orgId, idOrUid))?.id ?? idOrUid;
  }
}

function organizationOf(owner: string | null, asked: string | null): string | null {
  if (owner !== null && asked !== null && asked !== owner)
    throw new ApiError(403, 'insufficient access', 'Only an operator may see the audit log of another organisation');
  return owner ?? asked;
}
