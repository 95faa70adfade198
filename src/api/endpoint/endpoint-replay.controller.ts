import { Body, Controller, HttpCode, Param } from '@nestjs/common';
import { TASK, type BulkReplayInput, type EndpointSpan } from '../../background/task-kinds.js';
import type { Application } from '../../database/entities/application.entity.js';
import { BackgroundTaskRepository } from '../../database/repositories/background-task.repository.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { ALONE_WEIGHT } from '../../ingest/admission-rule.js';
import { Admission } from '../../ingest/admission.js';
import { App } from '../auth/application.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { endpointDisabled, notFound } from '../http-support/api-error.js';
import { toTaskStartedOut, type TaskStartedOut } from '../http-support/background-task-out.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import {
  bulkReplayIn,
  recoverIn,
  recoverOut,
  replayIn,
  replayOut,
  type BulkReplayIn,
  type RecoverIn,
  type ReplayIn,
} from './endpoint-replay.schemas.js';

/** Resends many messages to an endpoint. Each operation starts a background task, which a worker begins within a second. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id')
@Tag('Endpoint')
@Permission('application')
@Capability('CreateAttempts')
export class EndpointReplayController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly tasks: BackgroundTaskRepository,
    private readonly admission: Admission,
  ) {}

  @PostOnce('recover')
  @HttpCode(202)
  @Operation({
    id: 'v1.endpoint.recover',
    summary: 'Resend failed messages',
    text:
      'Runs in the background. Every message that failed in the given time range and never succeeded gets one manual ' +
      'attempt. For a disabled endpoint the answer is 409 with the code `endpoint_disabled`.',
    answers: { 202: recoverOut },
  })
  recover(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: recoverIn }) body: RecoverIn,
  ): Promise<TaskStartedOut> {
    return this.start(application, key, TASK.recover, (endpointId): EndpointSpan => ({ endpointId, ...spanOf(body) }));
  }

  @PostOnce('replay-missing')
  @HttpCode(202)
  @Operation({
    id: 'v1.endpoint.replay-missing',
    summary: 'Send messages that were never attempted',
    text:
      'Runs in the background. It sends the messages of the given time range that match the endpoint and were never ' +
      'attempted there. For a disabled endpoint the answer is 409 with the code `endpoint_disabled`.',
    answers: { 202: replayOut },
  })
  replayMissing(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: replayIn }) body: ReplayIn,
  ): Promise<TaskStartedOut> {
    return this.start(application, key, TASK.replayMissing, (endpointId): EndpointSpan => ({ endpointId, ...spanOf(body) }));
  }

  @PostOnce('bulk-replay')
  @HttpCode(202)
  @Operation({
    id: 'v1.endpoint.bulk-replay',
    summary: 'Resend many messages',
    text:
      'Runs in the background. It sends all messages of the given time range that match the filter, delivered or not. ' +
      'For a disabled endpoint the answer is 409 with the code `endpoint_disabled`.',
    answers: { 202: replayOut },
  })
  bulkReplay(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: bulkReplayIn }) body: BulkReplayIn,
  ): Promise<TaskStartedOut> {
    const input = (endpointId: string): BulkReplayInput => ({ endpointId, ...body, ...spanOf(body) });
    return this.start(application, key, TASK.bulkReplay, input);
  }

  /** In an overload requests are refused before anything is read for them. */
  private start(
    { id: appId, orgId }: Application,
    key: string,
    task: string,
    inputFor: (endpointId: string) => EndpointSpan,
  ): Promise<TaskStartedOut> {
    return this.admission.run(orgId, ALONE_WEIGHT, 0, async () => {
      const endpoint = await this.endpoints.find(appId, key);
      if (!endpoint) throw notFound();
      if (endpoint.disabled) throw endpointDisabled();
      const given = { appId, task, input: inputFor(endpoint.id), data: { messagesSent: 0 } };
      return toTaskStartedOut(await this.tasks.create(orgId, given));
    });
  }
}

/** The time range ends now at the latest. Later messages are being sent anyway, and the task would find the messages that it creates. */
function spanOf({ since, until }: ReplayIn): { since: number; until: number } {
  return { since: since.getTime(), until: Math.min(until?.getTime() ?? Infinity, Date.now()) };
}
