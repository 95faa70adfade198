import { Controller, Get, Param, Query } from '@nestjs/common';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { taskStatus } from '../http-support/background-task-out.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  backgroundTaskList,
  backgroundTaskOut,
  backgroundTaskPage,
  toBackgroundTaskOut,
  type BackgroundTaskList,
  type BackgroundTaskOut,
} from './background-task.schemas.js';

/** Background tasks and their progress. The token of an application sees only the tasks of this application. */
@Controller('/api/v1/background-task')
@Tag('Background Task')
@Permission('any-token')
export class BackgroundTaskController {
  constructor(private readonly tasks: BackgroundTaskRepository) {}

  @Get()
  @Operation({
    id: 'v1.background-task.list',
    summary: 'List background tasks',
    answers: { 200: backgroundTaskPage },
    query: { status: taskStatus },
  })
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: backgroundTaskList }) { limit, iterator, order, status, task }: BackgroundTaskList,
  ): Promise<Page<BackgroundTaskOut>> {
    const filter = { appId: auth.appId, status, task };
    const rows = await this.tasks.list(auth.orgId, keyWindow(iterator, order), limit + 1, filter);
    return pageOf(rows.map(toBackgroundTaskOut), limit, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @Get(':task_id')
  @Operation({
    id: 'v1.background-task.get',
    summary: 'Get a background task and its progress',
    answers: { 200: backgroundTaskOut },
  })
  async get(@Auth() auth: Tenant, @Param('task_id') id: string): Promise<BackgroundTaskOut> {
    const task = await this.tasks.find(auth.orgId, id, auth.appId);
    if (!task) throw notFound();
    return toBackgroundTaskOut(task);
  }
}
