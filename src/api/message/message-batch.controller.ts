import { Body, Controller, HttpCode, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { PostOnce } from '../http-support/post-once.js';
import { messageBatchIn, type MessageBatchIn } from './message-batch.schemas.js';
import { MessageBatch, type BatchItemOut } from './message-batch.js';
import { applicationKey } from './message.schemas.js';

/** Many messages of an application in one call. */
@Controller('/api/v1/app/:app_id/msg/batch')
@Permission('organization')
export class MessageBatchController {
  constructor(private readonly batch: MessageBatch) {}

  @PostOnce()
  @HttpCode(202)
  async create(
    @Auth() auth: Tenant,
    @Param('app_id', { schema: applicationKey }) appKey: string,
    @Body({ schema: messageBatchIn }) body: MessageBatchIn,
    @Req() request: FastifyRequest,
  ): Promise<{ data: BatchItemOut[] }> {
    return { data: await this.batch.create(auth, appKey, body, request.body as Buffer) };
  }
}
