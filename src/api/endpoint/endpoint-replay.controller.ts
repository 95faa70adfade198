import { Body, Controller, HttpCode, Param } from '@nestjs/common';
import { TASK, type BulkReplayInput, type EndpointSpan } from '../../background/task-kinds.js';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { endpointDisabled, notFound } from '../http-support/api-error.js';
import { taskStartedOut, type TaskStartedOut } from '../http-support/background-task-view.js';
import { PostOnce } from '../http-support/post-once.js';
import {
  bulkReplayIn,
  recoverIn,
  replayIn,
  type BulkReplayIn,
  type RecoverIn,
  type ReplayIn,
} from './endpoint-replay.schemas.js';

/** Sending many messages to an endpoint again. Each answers with a background task, which a worker begins within a second. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id')
@Permission('application')
@Capability('CreateAttempts')
export class EndpointReplayController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly endpoints: EndpointRepository,
    private readonly tasks: BackgroundTaskRepository,
  ) {}

  @PostOnce('recover')
  @HttpCode(202)
  recover(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: recoverIn }) body: RecoverIn,
  ): Promise<TaskStartedOut> {
    return this.start(auth, appKey, key, TASK.recover, (endpointId): EndpointSpan => ({ endpointId, ...spanOf(body) }));
  }

  @PostOnce('replay-missing')
  @HttpCode(202)
  replayMissing(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: replayIn }) body: ReplayIn,
  ): Promise<TaskStartedOut> {
    return this.start(auth, appKey, key, TASK.replayMissing, (endpointId): EndpointSpan => ({ endpointId, ...spanOf(body) }));
  }

  @PostOnce('bulk-replay')
  @HttpCode(202)
  bulkReplay(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: bulkReplayIn }) body: BulkReplayIn,
  ): Promise<TaskStartedOut> {
    const input = (endpointId: string): BulkReplayInput => ({ endpointId, ...body, ...spanOf(body) });
    return this.start(auth, appKey, key, TASK.bulkReplay, input);
  }

  private async start(
    auth: Tenant,
    appKey: string,
    key: string,
    task: string,
    inputFor: (endpointId: string) => EndpointSpan,
  ): Promise<TaskStartedOut> {
    const application = await this.access.require(auth, appKey);
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    if (endpoint.disabled) throw endpointDisabled();
    const given = { appId: application.id, task, input: inputFor(endpoint.id), data: { messagesSent: 0 } };
    return taskStartedOut(await this.tasks.create(auth.orgId, given));
  }
}

/** Ends now at the latest: what comes later is on its way, and would be found while the task makes more of it. */
function spanOf({ since, until }: ReplayIn): { since: number; until: number } {
  return { since: since.getTime(), until: Math.min(until?.getTime() ?? Infinity, Date.now()) };
}
