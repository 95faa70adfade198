import { Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import type { Message } from '../../database/entities/message.entity.js';
import { DeliveryRepository } from '../../database/repositories/delivery.repository.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import { fittingItems, pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { ALONE_WEIGHT } from '../../ingest/admission-rule.js';
import { Admission } from '../../ingest/admission.js';
import { ManualDeliveries } from '../../ingest/manual-deliveries.js';
import { App } from '../auth/application.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { emptyResponse } from '../http-support/answers.js';
import { badRequest, endpointDisabled, notFound } from '../http-support/api-error.js';
import { statusOf } from '../http-support/message-status.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import {
  destinationList,
  destinationPage,
  toEndpointBase,
  type DestinationList,
  type DestinationOut,
} from './endpoint.schemas.js';

/** Lists the endpoints that a message was sent to, including deleted ones, and resends the message to one of them. */
@Controller('/api/v1/app/:app_id/msg/:msg_id/endpoint')
@Tag('Message Attempt')
@Permission('application')
export class DestinationController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly messages: MessageRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly manual: ManualDeliveries,
    private readonly admission: Admission,
  ) {}

  @Get()
  @Operation({
    id: 'v1.message-attempt.list-attempted-destinations',
    summary: 'List the endpoints of a message with its status at each',
    answers: { 200: destinationPage },
  })
  async list(
    @App() application: Application,
    @Param('msg_id') key: string,
    @Query({ schema: destinationList }) { limit, iterator, include_waiting: includeWaiting }: DestinationList,
  ): Promise<Page<DestinationOut>> {
    const message = await this.require(application.id, key, false);
    const window = keyWindow(iterator, 'ascending');
    const rows = await this.deliveries.destinationsOf(application.id, message.id, window, limit + 1, includeWaiting);
    const sizes = await this.endpoints.sizesOf(
      application.id,
      rows.map((row) => row.endpointId),
    );
    const count = fittingItems(
      rows.map((row) => sizes.get(row.endpointId) ?? 0),
      limit,
    );
    const page = pageOf(rows, count, window.order === 'newest-first', (row) => row.endpointId);
    const ids = page.data.map((row) => row.endpointId);
    const endpoints = await this.endpoints.byIds(application.id, ids);
    const data = page.data.flatMap(({ endpointId, status, nextAttempt }) => {
      const endpoint = endpoints.get(endpointId);
      return endpoint ? { ...toEndpointBase(endpoint), ...statusOf(status), nextAttempt } : [];
    });
    return { ...page, data };
  }

  @PostOnce(':endpoint_id/resend')
  @Capability('CreateAttempts')
  @HttpCode(202)
  @Operation({
    id: 'v1.message-attempt.resend',
    summary: 'Resend a message to an endpoint',
    text:
      'Makes one manual attempt, in addition to the automatic ones. For a disabled endpoint the answer is 409 with the ' +
      'code `endpoint_disabled`.',
    answers: { 202: emptyResponse },
  })
  async resend(
    @App() application: Application,
    @Param('msg_id') key: string,
    @Param('endpoint_id') endpointKey: string,
  ): Promise<Record<string, never>> {
    // In an overload it is refused before anything is read for it.
    await this.admission.run(application.orgId, ALONE_WEIGHT, 0, () => this.deliverAgain(application, key, endpointKey));
    return {};
  }

  private async deliverAgain(application: Application, key: string, endpointKey: string): Promise<void> {
    const message = await this.require(application.id, key, true);
    const endpoint = await this.endpoints.find(application.id, endpointKey);
    if (!endpoint) throw notFound();
    if (message.payload === null || message.payloadUntil.getTime() <= Date.now()) {
      throw badRequest('missing_payload', 'The payload of this message was deleted, or its retention period is over');
    }
    if (endpoint.disabled) throw endpointDisabled();
    if (!(await this.manual.add(application, message.id, endpoint.id))) throw notFound();
  }

  private async require(appId: string, key: string, payload: boolean): Promise<Message> {
    const message = await this.messages.find(appId, key, { payload });
    if (!message) throw notFound();
    return message;
  }
}
