import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Page } from '../../domain/page.js';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
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
  constructor(
    private readonly access: ApplicationAccess,
    private readonly lists: AttemptLists,
  ) {}

  @Get('endpoint/:endpoint_id')
  @Operation({
    id: 'v1.message-attempt.list-by-endpoint',
    summary: 'List attempts at an endpoint',
    answers: { 200: attemptPage },
  })
  async ofEndpoint(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Query({ schema: attemptList }) query: AttemptList,
  ): Promise<Page<AttemptOut>> {
    const application = await this.access.require(auth, appKey);
    return this.lists.ofEndpoint(application.id, key, query);
  }

  @Get('msg/:msg_id')
  @Operation({ id: 'v1.message-attempt.list-by-msg', summary: 'List attempts of a message', answers: { 200: attemptPage } })
  async ofMessage(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('msg_id') key: string,
    @Query({ schema: messageAttemptList }) query: MessageAttemptList,
  ): Promise<Page<AttemptOut>> {
    const application = await this.access.require(auth, appKey);
    return this.lists.ofMessage(application.id, key, query.endpoint_id, query);
  }
}
