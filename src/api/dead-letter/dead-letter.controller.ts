import { Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { limit } from '../http-support/list-query.js';
import { PostOnce } from '../http-support/post-once.js';
import { DeadLetters, type DeadLetterOut } from './dead-letters.js';

/** Of a delivery or a task; anything else is no place in the list. */
const LETTER_ID = /^(msg_\w{1,36}:ep_\w{1,37}:\d{1,10}|task_[\w-]{1,100})$/;

const deadLetterList = z.object({
  limit,
  iterator: z
    .string()
    .refine((text) => LETTER_ID.test(text.replace(/^-/, '')), 'Must be the id of a dead letter')
    .nullable()
    .default(null),
  kind: z.enum(['delivery', 'task']).nullable().default(null),
});
type DeadLetterList = z.output<typeof deadLetterList>;

/** What was given up and needs somebody to look at it. */
@Controller('/api/v1/admin')
@Permission('organization')
export class DeadLetterController {
  constructor(private readonly letters: DeadLetters) {}

  @Get('dead-letter')
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: deadLetterList }) { limit: most, iterator, kind }: DeadLetterList,
  ): Promise<Page<DeadLetterOut>> {
    const rows = await this.letters.list(auth.orgId, keyWindow(iterator, 'ascending'), most + 1, kind);
    return pageOf(rows, most, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @PostOnce('dead-letter/:id/redrive')
  @HttpCode(204)
  async redrive(@Auth() auth: Tenant, @Param('id') id: string): Promise<void> {
    if (!LETTER_ID.test(id) || !(await this.letters.redrive(auth.orgId, id))) throw notFound();
  }

  /** All at once. It never fails: what could not be redriven stays a dead letter, and the log says so. */
  @PostOnce('redrive-dlq')
  @HttpCode(204)
  redriveAll(@Auth() auth: Tenant): Promise<void> {
    return this.letters.redriveAll(auth.orgId);
  }
}
