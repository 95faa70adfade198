import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { inSteps } from '../../async/steps.js';
import type { Application } from '../../database/entities/application.entity.js';
import type { Message } from '../../database/entities/message.entity.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import { pageOf, pageOfSizes, searchedTo, type Page } from '../../domain/page.js';
import { timeWindow, walkOf } from '../../domain/time-window.js';
import { Admission } from '../../ingest/admission.js';
import { MessageQuota } from '../../limits/message-quota.js';
import type { Caller } from '../../limits/request-throttle.js';
import { addToRequestLine } from '../../observability/request-log.js';
import { ApplicationAccess } from '../auth/application-access.js';
import { App } from '../auth/application.decorator.js';
import { Sends } from '../auth/key-scope.js';
import { Auth, By, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Idempotency, type CreationWork } from '../http-support/idempotency.js';
import {
  kindOf,
  messageOut,
  SEARCHED,
  SHORTER,
  toMessageOut,
  toMessagesOut,
  type MessageOut,
} from '../http-support/message-out.js';
import { Operation, Tag } from '../http-support/operation.js';
import { acceptedInSteps } from './message-accepted.js';
import { MessageCreation, payloadIn } from './message-creation.js';
import {
  applicationKey,
  withContentQuery,
  messageIn,
  messageList,
  messagePage,
  type WithContentQuery,
  type MessageIn,
  type MessageList,
} from './message.schemas.js';

/** Messages of an application. */
@Controller('/api/v1/app/:app_id/msg')
@Tag('Message')
@Permission('application')
export class MessageController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly messages: MessageRepository,
    private readonly creation: MessageCreation,
    private readonly idempotency: Idempotency,
    private readonly quota: MessageQuota,
    private readonly admission: Admission,
  ) {}

  @Post()
  @HttpCode(202)
  @Permission('organization')
  @Sends()
  @Operation({
    id: 'v1.message.create',
    summary: 'Send a message',
    text:
      'The answer 202 promises that the message is stored and will be delivered. The payload is sent byte for byte as ' +
      'it came in. With an `eventId` a message is never accepted twice: the second request with the same one is ' +
      'answered 409. `transformationsParams.rawPayload` is sent instead of the payload and need not be JSON.',
    answers: { 202: messageOut },
  })
  async create(
    @Auth() auth: Tenant,
    @Param('app_id', { schema: applicationKey }) appKey: string,
    @Query({ schema: withContentQuery }) { with_content: withContent }: WithContentQuery,
    @Body({ schema: messageIn }) body: MessageIn,
    @Req() request: FastifyRequest,
    @By() caller: Caller,
  ): Promise<MessageOut> {
    const payload = payloadIn(body, request.body as Buffer);
    let deliveries = null as number | null;
    const work: CreationWork<MessageOut> = {
      newId: () => this.creation.newId(),
      create: async (assigned) => {
        const create = () => this.creation.create(auth, appKey, assigned, body, payload);
        const accepted = await this.quota.charge(caller, 1, create, ({ known }) => (known ? 0 : 1));
        ({ deliveries } = accepted);
        return accepted;
      },
      created: (id) => inSteps(acceptedInSteps(id, body, withContent ? payload : null)),
      existing: (id) => this.existing(auth, appKey, id, withContent, body),
    };
    const once = () => this.idempotency.createOnce(request, work);
    const message = await this.admission.run(auth.orgId, 1, payload.length, once);
    addToRequestLine(request, { msgId: message.id, ...(deliveries === null ? { repeated: true } : { deliveries }) });
    return message;
  }

  @Get()
  @Operation({
    id: 'v1.message.list',
    summary: 'List messages',
    text: `Newest first. Without \`before\` or \`after\`, the messages of the last 90 days. ${SHORTER} ${SEARCHED}`,
    answers: { 200: messagePage },
  })
  async list(@App() application: Application, @Query({ schema: messageList }) query: MessageList): Promise<Page<MessageOut>> {
    const { event_types: eventTypes, channel, tag, with_content: withContent, limit } = query;
    const filter = { eventTypes, channel, tag };
    const { window, end } = await this.messages.span(application.id, timeWindow('msg_', query, Date.now()), filter);
    const walk = walkOf(window, query);
    const { backward } = walk;
    if (!withContent) {
      const rows = await this.messages.list(application.id, window, limit + 1, filter);
      const page = searchedTo(
        pageOf(rows, limit, backward, ({ id }) => id),
        end,
        walk,
      );
      return { ...page, data: await toMessagesOut(page.data, false) };
    }
    const sizes = await this.messages.sizes(application.id, window, limit + 1, filter);
    const page = searchedTo(pageOfSizes(sizes, limit, backward), end, walk);
    const messages = await this.messages.inOrder(application.id, page.data);
    return { ...page, data: await toMessagesOut(messages, true) };
  }

  @Get(':msg_id')
  @Operation({
    id: 'v1.message.get',
    summary: 'Get a message',
    text: 'The header `X-Payload` says what `payload` is: `json` the payload itself, `raw` one that is no JSON object, `expired` none.',
    answers: { 200: messageOut },
  })
  async get(
    @App() application: Application,
    @Param('msg_id') key: string,
    @Query({ schema: withContentQuery }) { with_content: withContent }: WithContentQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageOut> {
    const shown = await toMessageOut(await this.require(application.id, key, withContent), withContent);
    if (withContent) void reply.header('x-payload', kindOf(shown.payload));
    return shown;
  }

  @Delete(':msg_id/content')
  @HttpCode(204)
  @Permission('organization')
  @Operation({
    id: 'v1.message.expunge-content',
    summary: "Delete a message's payload",
    text: 'Open retries are dropped, and the message can not be sent again.',
    answers: { 204: null },
  })
  async expunge(@App() application: Application, @Param('msg_id') key: string): Promise<void> {
    const message = await this.require(application.id, key, false);
    await this.messages.expunge(application.id, message.id);
  }

  /**
   * The answer for a message that an earlier request created; null if there is none. Throws 404 if the application does not exist, and
   * the request does not create it.
   */
  private async existing(
    auth: Tenant,
    appKey: string,
    id: string,
    withContent: boolean,
    body: MessageIn,
  ): Promise<MessageOut | null> {
    const application = await this.access.find(auth, appKey);
    if (!application && body.application === null) throw notFound('Application not found');
    const message = application && (await this.messages.find(application.id, id, { payload: withContent }));
    return message && toMessageOut(message, withContent);
  }

  private async require(appId: string, key: string, payload: boolean): Promise<Message> {
    const message = await this.messages.find(appId, key, { payload });
    if (!message) throw notFound();
    return message;
  }
}
