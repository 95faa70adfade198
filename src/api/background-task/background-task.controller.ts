import { Controller, Get, Param, Query } from '@nestjs/common';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { backgroundTaskOut, type BackgroundTaskOut } from '../http-support/background-task-view.js';
import { backgroundTaskList, type BackgroundTaskList } from './background-task.schemas.js';

/** Background tasks and how far they are. The token of an application sees those of its application only. */
@Controller('/api/v1/background-task')
@Permission('any-token')
export class BackgroundTaskController {
  constructor(private readonly tasks: BackgroundTaskRepository) {}

  @Get()
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: backgroundTaskList }) { limit, iterator, order, status, task }: BackgroundTaskList,
  ): Promise<Page<BackgroundTaskOut>> {
    const filter = { appId: auth.appId, status, task };
    const rows = await this.tasks.list(auth.orgId, keyWindow(iterator, order), limit + 1, filter);
    return pageOf(rows.map(backgroundTaskOut), limit, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @Get(':task_id')
  async get(@Auth() auth: Tenant, @Param('task_id') id: string): Promise<BackgroundTaskOut> {
    const task = await this.tasks.find(auth.orgId, id, auth.appId);
    if (!task) throw notFound();
    return backgroundTaskOut(task);
  }
}
