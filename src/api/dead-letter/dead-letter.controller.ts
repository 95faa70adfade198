import { Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { ALONE_WEIGHT } from '../../ingest/admission-rule.js';
import { Admission } from '../../ingest/admission.js';
import { Owner } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { deadLetterList, deadLetterPage, isLetterId, type DeadLetterList, type DeadLetterOut } from './dead-letter.schemas.js';
import { DeadLetterService } from './dead-letter.service.js';

/** Deliveries and tasks that the service gave up. An organisation sees its own, an operator all. */
@Controller('/api/v1/admin')
@Tag('Dead Letters')
@Permission('organization-or-operator')
export class DeadLetterController {
  constructor(
    private readonly letters: DeadLetterService,
    private readonly admission: Admission,
  ) {}

  @Get('dead-letter')
  @Operation({
    id: 'v1.admin.dead-letter.list',
    summary: 'List dead letters',
    text:
      'A dead letter is a delivery or a task that the service gave up, with the reason. An organisation sees its own; ' +
      'an operator sees those of all, and tasks that can not be read.',
    answers: { 200: deadLetterPage },
  })
  async list(
    @Owner() owner: string | null,
    @Query({ schema: deadLetterList }) { limit, iterator, kind }: DeadLetterList,
  ): Promise<Page<DeadLetterOut>> {
    const rows = await this.letters.list(owner, keyWindow(iterator, 'ascending'), limit + 1, kind);
    return pageOf(rows, limit, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @PostOnce('dead-letter/:id/redrive')
  @HttpCode(204)
  @Operation({
    id: 'v1.admin.dead-letter.redrive',
    summary: 'Retry a dead letter',
    text: 'For a delivery to a disabled endpoint the answer is 409 with the code `endpoint_disabled`.',
    answers: { 204: null },
  })
  async redrive(@Owner() owner: string | null, @Param('id') id: string): Promise<void> {
    if (!isLetterId(id) || !(await this.admitted(owner, () => this.letters.redrive(owner, id)))) throw notFound();
  }

  /** Retries all. It never fails: what can not be retried stays a dead letter, and the log tells the error. */
  @PostOnce('redrive-dlq')
  @HttpCode(204)
  @Operation({
    id: 'v1.admin.redrive-dlq',
    summary: 'Retry all dead letters',
    text: 'Deliveries to disabled endpoints stay dead letters.',
    answers: { 204: null },
  })
  redriveAll(@Owner() owner: string | null): Promise<void> {
    return this.admitted(owner, () => this.letters.redriveAll(owner));
  }

  /** Operators are counted like one organisation. */
  private admitted<T>(owner: string | null, work: () => Promise<T>): Promise<T> {
    return this.admission.run(owner ?? 'operators', ALONE_WEIGHT, 0, work);
  }
}
