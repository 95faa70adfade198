import { Body, Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { Poller } from './poller.js';
import {
  consumerName,
  consumerPollQuery,
  consumerSeek,
  consumerSeekOut,
  pollOut,
  pollQuery,
  type ConsumerPollQuery,
  type ConsumerSeek,
  type ConsumerSeekOut,
  type PollOut,
  type PollQuery,
} from './poller.schemas.js';

/** For consumers without a public URL: they come and fetch what an endpoint would be sent. The endpoint may be disabled. */
@Controller('/api/v1/app/:app_id/poller/:sink_id')
@Tag('Poller')
@Permission('application')
export class PollerController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly poller: Poller,
  ) {}

  @Get()
  @Operation({
    id: 'v1.message.poller.poll',
    summary: 'Fetch what an endpoint would be sent',
    text:
      'For consumers without a public URL, who keep their place themselves: ask again with the `iterator` of the answer. ' +
      'Messages come in the order of their ids, ten seconds after they were sent, also those for a disabled endpoint and ' +
      'those that are to be delivered later. What is no iterator of a poll is a 400 with the code `invalid_iterator`: begin ' +
      'anew without one.',
    answers: { 200: pollOut },
  })
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
  @Operation({
    id: 'v1.message.poller.consumer-poll',
    summary: 'Fetch what comes next for a consumer',
    text:
      'Its place is kept here, under the name that it gives itself. Coming back with the `iterator` of a page confirms that ' +
      'page; without one, the page after the last confirmed one is given again. Each message is given at least once. ' +
      'Messages come in the order of their ids, ten seconds after they were sent, also those for a disabled endpoint and ' +
      'those that are to be delivered later. What is no iterator of a poll is a 400 with the code `invalid_iterator`: begin ' +
      'anew without one.',
    answers: { 200: pollOut },
  })
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
  @Operation({
    id: 'v1.message.poller.consumer-seek',
    summary: "Set a consumer's place to a time",
    answers: { 200: consumerSeekOut },
  })
  async consumerSeek(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('sink_id') sink: string,
    @Param('consumer_id', { schema: consumerName }) consumer: string,
    @Body({ schema: consumerSeek }) body: ConsumerSeek,
  ): Promise<ConsumerSeekOut> {
    const application = await this.access.require(auth, appKey);
    return this.poller.seek(application.id, sink, consumer, body);
  }
}
