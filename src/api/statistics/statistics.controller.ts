import { Body, Controller, HttpCode, Put } from '@nestjs/common';
import { z } from 'zod';
import { TASK, type AppUsageInput } from '../../background/task-kinds.js';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { UsageRepository } from '../../database/repositories/usage.repository.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { invalid } from '../http-support/api-error.js';
import { taskStartedOut, type TaskStartedOut } from '../http-support/background-task-view.js';
import { moment } from '../http-support/list-query.js';
import { PostOnce } from '../http-support/post-once.js';

const MAX_APPLICATIONS = 10_000;

const appUsageIn = z
  .object({ since: moment, until: moment, appIds: z.array(z.string()).max(MAX_APPLICATIONS).nullish() })
  .check(({ value, issues }) => {
    if (value.since > value.until)
      issues.push({ code: 'custom', path: ['since'], message: 'Must not be after until', input: undefined });
  });
type AppUsageIn = z.output<typeof appUsageIn>;

/** Figures of the whole organisation. They are counted in the background, and are the data of the finished task. */
@Controller('/api/v1/stats/usage')
@Permission('organization')
export class StatisticsController {
  constructor(
    private readonly usage: UsageRepository,
    private readonly tasks: BackgroundTaskRepository,
  ) {}

  @PostOnce('app')
  @HttpCode(202)
  async applications(
    @Auth() auth: Tenant,
    @Body({ schema: appUsageIn }) { since, until, appIds }: AppUsageIn,
  ): Promise<TaskStartedOut & { unresolvedAppIds: string[] }> {
    const found = appIds ? await this.usage.resolve(auth.orgId, appIds) : null;
    if (found?.size === 0) throw invalid(['body', 'appIds'], 'None of these applications exists');
    const input: AppUsageInput = {
      since: since.getTime(),
      until: until.getTime(),
      appIds: found && [...new Set(found.values())].sort(),
    };
    const task = await this.tasks.create(auth.orgId, { appId: null, task: TASK.appUsage, input, data: {} });
    return { ...taskStartedOut(task), unresolvedAppIds: appIds?.filter((key) => !found!.has(key)) ?? [] };
  }

  @Put('event-types')
  @HttpCode(202)
  async eventTypes(@Auth() auth: Tenant): Promise<TaskStartedOut> {
    return taskStartedOut(await this.tasks.create(auth.orgId, { appId: null, task: TASK.eventTypes, input: {}, data: {} }));
  }
}
