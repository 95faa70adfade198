import { Controller, Get } from '@nestjs/common';
import { BacklogRepository } from '../../database/repositories/backlog.repository.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { backlogOut, type BacklogOut } from './backlog.schemas.js';

const COUNTED_UP_TO = 10_000;

/** What is still to be sent, for operators. */
@Controller('/api/v1/admin/backlog')
@Tag('Running Task')
@Permission('operator')
export class BacklogController {
  constructor(private readonly backlog: BacklogRepository) {}

  @Get()
  @Operation({
    id: 'v1.admin.backlog.get',
    summary: 'Count the deliveries that are not settled, by when they are due',
    text:
      'Of all organisations. `late`: due for more than a minute, `due`: due now; the others come due within a minute, within an ' +
      'hour, within a day, or later: retries, scheduled messages, what waits because of a rate, and what is being sent, which is ' +
      'due again at the end of its lease. Each is counted up to `countedUpTo`. Only an operator may ask.',
    answers: { 200: backlogOut },
  })
  async get(): Promise<BacklogOut> {
    return { ...(await this.backlog.count(COUNTED_UP_TO)), countedUpTo: COUNTED_UP_TO };
  }
}
