import { Controller, Get, Query } from '@nestjs/common';
import { RunningTaskRepository } from '../../database/repositories/running-task.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  runningTaskList,
  runningTaskPage,
  toRunningTaskOut,
  type RunningTaskList,
  type RunningTaskOut,
} from './running-task.schemas.js';

/** The processes of the service and their state, for operators. */
@Controller('/api/v1/admin/task')
@Tag('Running Task')
@Permission('operator')
export class RunningTaskController {
  constructor(private readonly tasks: RunningTaskRepository) {}

  @Get()
  @Operation({
    id: 'v1.admin.task.list',
    summary: 'List the running tasks of the service',
    text:
      'Each task writes its state every ten seconds. A task that missed three writes is `stale`; after ten minutes it ' +
      'is gone from the list. Only an operator may ask.',
    answers: { 200: runningTaskPage },
  })
  async list(@Query({ schema: runningTaskList }) { limit, iterator }: RunningTaskList): Promise<Page<RunningTaskOut>> {
    const rows = await this.tasks.list(keyWindow(iterator, 'ascending'), limit + 1);
    return pageOf(rows.map(toRunningTaskOut), limit, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }
}
