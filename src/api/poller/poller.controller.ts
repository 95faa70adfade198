import { Body, Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { PostOnce } from '../http-support/post-once.js';
import type { PollOut } from './message-stream.js';
import { Poller } from './poller.js';
import {
  consumerName,
  consumerPollQuery,
  consumerSeek,
  pollQuery,
  type ConsumerPollQuery,
  type ConsumerSeek,
  type PollQuery,
} from './poller.schemas.js';

/** For consumers without a public URL: they come and fetch what an endpoint would be sent. The endpoint may be disabled. */
@Controller('/api/v1/app/:app_id/poller/:sink_id')
@Permission('application')
export class PollerController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly poller: Poller,
  ) {}

  @Get()
  async poll(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('sink_id') sink: string,
    @Query({ schema: pollQuery }) query: PollQuery,
  ): Promise<PollOut> {
    const application = await this.access.require(auth, appKey);
    return this.poller.poll(application.id, sink, query);
  }

  @Get('consumer/:consumer_id')
  async consumerPoll(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('sink_id') sink: string,
    @Param('consumer_id', { schema: consumerName }) consumer: string,
    @Query({ schema: consumerPollQuery }) query: ConsumerPollQuery,
  ): Promise<PollOut> {
    const application = await this.access.require(auth, appKey);
    return this.poller.pollAs(application.id, sink, consumer, query);
  }

  @PostOnce('consumer/:consumer_id/seek')
  @HttpCode(200)
  @Capability('ViewBase')
  async consumerSeek(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('sink_id') sink: string,
    @Param('consumer_id', { schema: consumerName }) consumer: string,
    @Body({ schema: consumerSeek }) body: ConsumerSeek,
  ): Promise<{ iterator: string }> {
    const application = await this.access.require(auth, appKey);
    return this.poller.seek(application.id, sink, consumer, body);
  }
}
