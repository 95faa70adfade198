import { Body, Controller, HttpCode, Param } from '@nestjs/common';
import { z } from 'zod';
import { TASK, type PurgeInput } from '../../background/task-kinds.js';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { MessageContentRepository } from '../../database/repositories/message-content.repository.js';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { taskStartedOut, type TaskStartedOut } from '../http-support/background-task-view.js';
import { PostOnce } from '../http-support/post-once.js';

const MAX_IDS = 1_000;

const bulkExpungeIn = z.object({ ids: z.array(z.string()).max(MAX_IDS).default([]) });
type BulkExpungeIn = z.output<typeof bulkExpungeIn>;

/** For each id or eventId that was given. */
export interface BulkExpungeOut {
  results: Record<string, 'expunged' | 'not-found'>;
}

/** Removal of many payloads: of some messages at once, of all messages in the background. */
@Controller('/api/v1/app/:app_id/msg')
@Permission('organization')
export class MessageContentController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly contents: MessageContentRepository,
    private readonly tasks: BackgroundTaskRepository,
  ) {}

  @PostOnce('bulk-expunge')
  @HttpCode(200)
  async bulkExpunge(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Body({ schema: bulkExpungeIn }) { ids }: BulkExpungeIn,
  ): Promise<BulkExpungeOut> {
    const application = await this.access.require(auth, appKey);
    const found = await this.contents.resolve(application.id, ids);
    await this.contents.expunge(application.id, [...new Set(found.values())]);
    const results = ids.map((id) => [id, found.has(id) ? 'expunged' : 'not-found'] as const);
    return { results: Object.fromEntries(results) };
  }

  @PostOnce('expunge-all-contents')
  @HttpCode(202)
  async expungeAll(@Auth() auth: Tenant, @Param('app_id') appKey: string): Promise<TaskStartedOut> {
    const { id: appId } = await this.access.require(auth, appKey);
    const input: PurgeInput = { until: Date.now() };
    const task = await this.tasks.create(auth.orgId, { appId, task: TASK.purgeContent, input, data: { messagesPurged: 0 } });
    return taskStartedOut(task);
  }
}
