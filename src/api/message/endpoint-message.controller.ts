import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { DeliveryRepository, type EndpointMessage } from '../../database/repositories/delivery.repository.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import { fittingItems, pageOf, searchedTo, type Page } from '../../domain/page.js';
import { timeWindow, walkOf } from '../../domain/time-window.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { SEARCHED, SHORTER, toMessagesOut } from '../http-support/message-out.js';
import { deliveryStatusOf, statusOf } from '../http-support/message-status.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  endpointMessageList,
  endpointMessagePage,
  type EndpointMessageList,
  type EndpointMessageOut,
} from './message.schemas.js';

/** Lists the messages that were sent to an endpoint, with their status. A message is listed once its first attempt has ended. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/msg')
@Tag('Message Attempt')
@Permission('application')
export class EndpointMessageController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly messages: MessageRepository,
  ) {}

  @Get()
  @Operation({
    id: 'v1.message-attempt.list-attempted-messages',
    summary: 'List the messages of an endpoint with their status',
    text: `${SHORTER} ${SEARCHED}`,
    answers: { 200: endpointMessagePage },
  })
  async list(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Query({ schema: endpointMessageList }) query: EndpointMessageList,
  ): Promise<Page<EndpointMessageOut>> {
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    const { event_types: eventTypes, channel, tag, limit, status } = query;
    const window = timeWindow('msg_', query, Date.now());
    const walk = walkOf(window, query);
    const { backward } = walk;
    const wanted = status === null ? null : deliveryStatusOf(status);
    if (status !== null && wanted === null) return pageOf<EndpointMessageOut>([], limit, backward, (message) => message.id);
    const filter = { eventTypes, channel, tag, status: wanted };
    const { rows, end } = await this.deliveries.messagesOf(application.id, endpoint.id, window, limit + 1, filter);
    const count = query.with_content ? await this.count(application.id, rows, limit) : limit;
    const page = searchedTo(
      pageOf(rows, count, backward, (row) => row.msgId),
      end,
      walk,
    );
    return { ...page, data: await this.withMessages(application.id, page.data, query.with_content) };
  }

  /** How many of the messages fit into a page with their payloads. */
  private async count(appId: string, rows: EndpointMessage[], limit: number): Promise<number> {
    const ids = rows.map((row) => row.msgId);
    const sizes = await this.messages.sizesOf(appId, ids);
    return fittingItems(
      ids.map((id) => sizes.get(id) ?? 0),
      limit,
    );
  }

  /** Adds the messages to the rows. Messages that were deleted meanwhile are left out. */
  private async withMessages(appId: string, rows: EndpointMessage[], withContent: boolean): Promise<EndpointMessageOut[]> {
    const ids = rows.map((row) => row.msgId);
    const messages = await this.messages.byIds(appId, ids, { payload: withContent });
    const known = rows.filter(({ msgId }) => messages.has(msgId));
    const shown = await toMessagesOut(
      known.map(({ msgId }) => messages.get(msgId)!),
      withContent,
    );
    return known.map(({ status, nextAttempt }, at) => ({
      ...shown[at]!,
      ...statusOf(status),
      ...(nextAttempt && { nextAttempt }),
    }));
  }
}
