import { Body, Controller, HttpCode } from '@nestjs/common';
import { ApplicationCache } from '../../database/engine/application-cache.js';
import type { Application } from '../../database/entities/application.entity.js';
import { matches } from '../../domain/matching.js';
import { App } from '../auth/application.decorator.js';
import { Sends } from '../auth/key-scope.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { precheckIn, precheckOut, type PrecheckIn, type PrecheckOut } from './message.schemas.js';

/** Tells whether a message would match any endpoint, before it is created. */
@Controller('/api/v1/app/:app_id/msg/precheck')
@Tag('Message')
@Permission('organization')
export class MessagePrecheckController {
  constructor(private readonly directory: ApplicationCache) {}

  @PostOnce('active')
  @Sends()
  @HttpCode(200)
  @Operation({
    id: 'v1.message.precheck',
    summary: 'Check whether a message would match any endpoint',
    answers: { 200: precheckOut },
  })
  async active(
    @App() { id, version }: Application,
    @Body({ schema: precheckIn }) { eventType, channels }: PrecheckIn,
  ): Promise<PrecheckOut> {
    // After a "no" the caller sends nothing. So the cached endpoints must have the version that was just read from the database.
    const known = await this.directory.byId(id);
    if (known?.version !== version) this.directory.forget(id);
    const entry = known?.version === version ? known : await this.directory.byId(id);
    const message = { eventType, channels: channels ?? null };
    return { active: entry?.endpoints.some((endpoint) => matches(endpoint, message)) ?? false };
  }
}
