import { Body, Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { App } from '../auth/application.decorator.js';
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

/** What holds for every poll. */
const STREAM =
  'Messages are ordered by id and appear ten seconds after they were sent. Messages for a disabled endpoint and messages that are ' +
  'scheduled for later are among them. With filters, a poll searches 5,000 messages: its page may have few messages or none with `done` ' +
  'false, and its `iterator` goes on. An `iterator` that no poll answered is refused with 400 and the code `invalid_iterator`: ' +
  'start again without one.';

/** For consumers without a public URL: they fetch the messages that would be sent to an endpoint. The endpoint may be disabled. */
@Controller('/api/v1/app/:app_id/poller/:sink_id')
@Tag('Poller')
@Permission('application')
export class PollerController {
  constructor(private readonly poller: Poller) {}

  @Get()
  @Operation({
    id: 'v1.message.poller.poll',
    summary: 'Poll the messages of an endpoint',
    text:
      'For consumers without a public URL that store their position themselves. Send the `iterator` of the last answer ' +
      'to get the next page. ' +
      STREAM,
    answers: { 200: pollOut },
  })
  poll(
    @App() application: Application,
    @Param('sink_id') sink: string,
    @Query({ schema: pollQuery }) query: PollQuery,
  ): Promise<PollOut> {
    return this.poller.poll(application.id, sink, query);
  }

  @Get('consumer/:consumer_id')
  @Operation({
    id: 'v1.message.poller.consumer-poll',
    summary: 'Poll the next messages of a consumer',
    text:
      'The server stores the position under the name of the consumer. Sending the `iterator` of a page confirms this ' +
      'page. Without an `iterator` the page after the last confirmed one is given again, so each message is given at ' +
      'least once. ' +
      STREAM,
    answers: { 200: pollOut },
  })
  consumerPoll(
    @App() application: Application,
    @Param('sink_id') sink: string,
    @Param('consumer_id', { schema: consumerName }) consumer: string,
    @Query({ schema: consumerPollQuery }) query: ConsumerPollQuery,
  ): Promise<PollOut> {
    return this.poller.pollAs(application.id, sink, consumer, query);
  }

  @PostOnce('consumer/:consumer_id/seek')
  @HttpCode(200)
  @Capability('ViewBase')
  @Operation({
    id: 'v1.message.poller.consumer-seek',
    summary: "Set a consumer's position to a time",
    answers: { 200: consumerSeekOut },
  })
  consumerSeek(
    @App() application: Application,
    @Param('sink_id') sink: string,
    @Param('consumer_id', { schema: consumerName }) consumer: string,
    @Body({ schema: consumerSeek }) body: ConsumerSeek,
  ): Promise<ConsumerSeekOut> {
    return this.poller.seek(application.id, sink, consumer, body);
  }
}
