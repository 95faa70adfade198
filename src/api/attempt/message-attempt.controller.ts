import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import type { Attempt } from '../../database/entities/attempt.entity.js';
import { AttemptRepository } from '../../database/repositories/attempt.repository.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import type { Page } from '../../domain/page.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { AttemptLists } from './attempt-lists.js';
import {
  attemptList,
  attemptOut,
  attemptPage,
  messageAttemptList,
  toAttemptOut,
  type AttemptList,
  type AttemptOut,
  type MessageAttemptList,
} from './attempt.schemas.js';

/** Attempts of one message. The two lists have deprecated paths, which old client libraries call. */
@Controller('/api/v1/app/:app_id/msg/:msg_id')
@Tag('Message Attempt')
@Permission('application')
export class MessageAttemptController {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly messages: MessageRepository,
    private readonly lists: AttemptLists,
  ) {}

  @Get('attempt/:attempt_id')
  @Operation({ id: 'v1.message-attempt.get', summary: 'Get an attempt', answers: { 200: attemptOut } })
  async get(@App() application: Application, @Param('msg_id') key: string, @Param('attempt_id') id: string): Promise<AttemptOut> {
    return toAttemptOut(await this.require(application.id, key, id), true);
  }

  @Delete('attempt/:attempt_id/content')
  @HttpCode(204)
  @Permission('organization')
  @Operation({
    id: 'v1.message-attempt.expunge-content',
    summary: 'Delete the response of an attempt',
    answers: { 204: null },
  })
  async expunge(@App() application: Application, @Param('msg_id') key: string, @Param('attempt_id') id: string): Promise<void> {
    const attempt = await this.require(application.id, key, id);
    await this.attempts.expungeResponse(application.id, attempt.msgId, attempt.id);
  }

  @Get('attempt')
  @Operation({
    id: 'v1.message-attempt.list-by-msg-deprecated',
    summary: 'List attempts of a message (deprecated path)',
    deprecated: true,
    answers: { 200: attemptPage },
  })
  list(
    @App() application: Application,
    @Param('msg_id') key: string,
    @Query({ schema: messageAttemptList }) query: MessageAttemptList,
  ): Promise<Page<AttemptOut>> {
    return this.lists.ofMessage(application.id, key, query.endpoint_id, query);
  }

  @Get('endpoint/:endpoint_id/attempt')
  @Operation({
    id: 'v1.message-attempt.list-by-endpoint-deprecated',
    summary: 'List attempts of a message at an endpoint (deprecated path)',
    deprecated: true,
    answers: { 200: attemptPage },
  })
  listOfEndpoint(
    @App() application: Application,
    @Param('msg_id') key: string,
    @Param('endpoint_id') endpointKey: string,
    @Query({ schema: attemptList }) query: AttemptList,
  ): Promise<Page<AttemptOut>> {
    return this.lists.ofMessage(application.id, key, endpointKey, query);
  }

  private async require(appId: string, msgKey: string, id: string): Promise<Attempt> {
    const message = await this.messages.find(appId, msgKey, { payload: false });
    if (!message) throw notFound('Message not found');
    const attempt = await this.attempts.find(appId, message.id, id);
    if (!attempt) throw notFound('Attempt not found');
    return attempt;
  }
}
