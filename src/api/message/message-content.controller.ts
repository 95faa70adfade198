import { Body, Controller, HttpCode } from '@nestjs/common';
import { TASK, type PurgeInput } from '../../background/task-kinds.js';
import type { Application } from '../../database/entities/application.entity.js';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { MessageContentRepository } from '../../database/repositories/message-content.repository.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { toTaskStartedOut, type TaskStartedOut } from '../http-support/background-task-out.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { bulkExpungeIn, bulkExpungeOut, expungeAllOut, type BulkExpungeIn, type BulkExpungeOut } from './message.schemas.js';

/** Deletes many payloads: those of some messages at once, or those of all messages in the background. */
@Controller('/api/v1/app/:app_id/msg')
@Tag('Message')
@Permission('organization')
export class MessageContentController {
  constructor(
    private readonly contents: MessageContentRepository,
    private readonly tasks: BackgroundTaskRepository,
  ) {}

  @PostOnce('bulk-expunge')
  @HttpCode(200)
  @Operation({ id: 'v1.message.bulk-expunge', summary: 'Delete the payloads of many messages', answers: { 200: bulkExpungeOut } })
  async bulkExpunge(
    @App() application: Application,
    @Body({ schema: bulkExpungeIn }) { ids }: BulkExpungeIn,
  ): Promise<BulkExpungeOut> {
    const found = await this.contents.resolve(application.id, ids);
    await this.contents.expunge(application.id, [...new Set(found.values())]);
    const results = ids.map((id) => [id, found.has(id) ? 'expunged' : 'not-found'] as const);
    return { results: Object.fromEntries(results) };
  }

  @PostOnce('expunge-all-contents')
  @HttpCode(202)
  @Operation({
    id: 'v1.message.expunge-all-contents',
    summary: 'Delete the payloads of all messages of an application',
    text: 'Runs in the background.',
    answers: { 202: expungeAllOut },
  })
  async expungeAll(@App() { orgId, id: appId }: Application): Promise<TaskStartedOut> {
    const input: PurgeInput = { until: Date.now() };
    const task = await this.tasks.create(orgId, { appId, task: TASK.purgeContent, input, data: { messagesPurged: 0 } });
    return toTaskStartedOut(task);
  }
}
