import { Body, Controller, HttpCode, Put } from '@nestjs/common';
import { TASK, type AppUsageInput } from '../../background/task-kinds.js';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { UsageRepository } from '../../database/repositories/usage.repository.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { invalid } from '../http-support/api-error.js';
import { toTaskStartedOut, type TaskStartedOut } from '../http-support/background-task-out.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { appUsageIn, appUsageOut, eventTypeUsageOut, type AppUsageIn, type AppUsageOut } from './statistics.schemas.js';

/** Statistics of the whole organisation. They are computed in the background; the result is in `data` of the finished task. */
@Controller('/api/v1/stats/usage')
@Tag('Statistics')
@Permission('organization')
export class StatisticsController {
  constructor(
    private readonly usage: UsageRepository,
    private readonly tasks: BackgroundTaskRepository,
  ) {}

  @PostOnce('app')
  @HttpCode(202)
  @Operation({
    id: 'v1.statistics.aggregate-app-stats',
    summary: 'Count messages by application',
    text: 'Runs in the background. The result is in `data` of the finished task.',
    answers: { 202: appUsageOut },
  })
  async applications(
    @Auth() auth: Tenant,
    @Body({ schema: appUsageIn }) { since, until, appIds }: AppUsageIn,
  ): Promise<AppUsageOut> {
    const found = appIds ? await this.usage.resolve(auth.orgId, appIds) : null;
    if (found?.size === 0) throw invalid(['body', 'appIds'], 'None of these applications exists');
    const input: AppUsageInput = {
      since: since.getTime(),
      until: until.getTime(),
      appIds: found && [...new Set(found.values())].sort(),
    };
    const task = await this.tasks.create(auth.orgId, { appId: null, task: TASK.appUsage, input, data: {} });
    return { ...toTaskStartedOut(task), unresolvedAppIds: appIds?.filter((key) => !found!.has(key)) ?? [] };
  }

  @Put('event-types')
  @HttpCode(202)
  @Operation({
    id: 'v1.statistics.aggregate-event-types',
    summary: 'List the event types that endpoints filter by',
    text: 'Runs in the background. The result is in `data` of the finished task.',
    answers: { 202: eventTypeUsageOut },
  })
  async eventTypes(@Auth() auth: Tenant): Promise<TaskStartedOut> {
    return toTaskStartedOut(await this.tasks.create(auth.orgId, { appId: null, task: TASK.eventTypes, input: {}, data: {} }));
  }
}
