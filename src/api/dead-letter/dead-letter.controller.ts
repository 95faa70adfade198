import { Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { deadLetterList, deadLetterPage, isLetterId, type DeadLetterList, type DeadLetterOut } from './dead-letter.schemas.js';
import { DeadLetters } from './dead-letters.js';

/** What was given up and needs somebody to look at it. */
@Controller('/api/v1/admin')
@Tag('Dead Letters')
@Permission('organization')
export class DeadLetterController {
  constructor(private readonly letters: DeadLetters) {}

  @Get('dead-letter')
  @Operation({ id: 'v1.admin.dead-letter.list', summary: 'List what was given up, and why', answers: { 200: deadLetterPage } })
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: deadLetterList }) { limit: most, iterator, kind }: DeadLetterList,
  ): Promise<Page<DeadLetterOut>> {
    const rows = await this.letters.list(auth.orgId, keyWindow(iterator, 'ascending'), most + 1, kind);
    return pageOf(rows, most, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @PostOnce('dead-letter/:id/redrive')
  @HttpCode(204)
  @Operation({
    id: 'v1.admin.dead-letter.redrive',
    summary: 'Try one of them again',
    text: 'A delivery to a disabled endpoint is a 409, with the code `endpoint_disabled`.',
    answers: { 204: null },
  })
  async redrive(@Auth() auth: Tenant, @Param('id') id: string): Promise<void> {
    if (!isLetterId(id) || !(await this.letters.redrive(auth.orgId, id))) throw notFound();
  }

  /** All at once. It never fails: what could not be redriven stays a dead letter, and the log says so. */
  @PostOnce('redrive-dlq')
  @HttpCode(204)
  @Operation({
    id: 'v1.admin.redrive-dlq',
    summary: 'Try all of them again',
    text: 'Those to disabled endpoints stay where they are.',
    answers: { 204: null },
  })
  redriveAll(@Auth() auth: Tenant): Promise<void> {
    return this.letters.redriveAll(auth.orgId);
  }
}
