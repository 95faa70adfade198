import { Body, Controller, HttpCode, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../limits/request-throttle.js';
import { addToRequestLine } from '../../observability/request-log.js';
import { Sends } from '../auth/key-scope.js';
import { Auth, By, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { MessageBatch } from './message-batch.js';
import { messageBatchIn, messageBatchOut, type MessageBatchOut } from './message-batch.schemas.js';
import { applicationKey } from './message.schemas.js';

/** How many ids of a batch the log line of its request contains. */
const MAX_LOGGED_IDS = 10;

/** Accepts many messages of an application in one request. */
@Controller('/api/v1/app/:app_id/msg/batch')
@Tag('Message')
@Permission('organization')
export class MessageBatchController {
  constructor(private readonly batch: MessageBatch) {}

  @PostOnce()
  @Sends()
  @HttpCode(202)
  @Operation({
    id: 'v1.message.create-batch',
    summary: 'Send many messages',
    text:
      'Up to 1,000 messages in one transaction, each of at most 2 MiB. There is one answer for each message, in the order of the request. The ' +
      'limit on nesting applies to each message by itself.',
    answers: { 202: messageBatchOut },
  })
  async create(
    @Auth() auth: Tenant,
    @Param('app_id', { schema: applicationKey }) appKey: string,
    @Body({ schema: messageBatchIn }) body: Buffer,
    @Req() request: FastifyRequest,
    @By() caller: Caller,
  ): Promise<MessageBatchOut> {
    const { items, msgIds, deliveries } = await this.batch.create(auth, caller, appKey, body);
    addToRequestLine(request, { messages: msgIds.length, msgIds: msgIds.slice(0, MAX_LOGGED_IDS), deliveries });
    return { data: items };
  }
}
