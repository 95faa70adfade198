import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import type { Page } from '../../domain/page.js';
import { SEARCHED } from '../http-support/message-out.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { AttemptLists } from './attempt-lists.js';
import {
  attemptList,
  attemptPage,
  messageAttemptList,
  type AttemptList,
  type AttemptOut,
  type MessageAttemptList,
} from './attempt.schemas.js';

/** Attempts of an application, listed by endpoint or by message. */
@Controller('/api/v1/app/:app_id/attempt')
@Tag('Message Attempt')
@Permission('application')
export class AttemptController {
  constructor(private readonly lists: AttemptLists) {}

  @Get('endpoint/:endpoint_id')
  @Operation({
    id: 'v1.message-attempt.list-by-endpoint',
    summary: 'List attempts at an endpoint',
    text: SEARCHED,
    answers: { 200: attemptPage },
  })
  ofEndpoint(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Query({ schema: attemptList }) query: AttemptList,
  ): Promise<Page<AttemptOut>> {
    return this.lists.ofEndpoint(application.id, key, query);
  }

  @Get('msg/:msg_id')
  @Operation({ id: 'v1.message-attempt.list-by-msg', summary: 'List attempts of a message', answers: { 200: attemptPage } })
  ofMessage(
    @App() application: Application,
    @Param('msg_id') key: string,
    @Query({ schema: messageAttemptList }) query: MessageAttemptList,
  ): Promise<Page<AttemptOut>> {
    return this.lists.ofMessage(application.id, key, query.endpoint_id, query);
  }
}
