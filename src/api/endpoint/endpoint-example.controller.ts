import { Body, Controller, HttpCode, Param } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { isVisible, type EventType } from '../../database/entities/event-type.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { EventTypeRepository } from '../../database/repositories/event-type.repository.js';
import { entityTime } from '../../domain/ids.js';
import { ManualDeliveries } from '../../ingest/manual-deliveries.js';
import { MessageQuota } from '../../limits/message-quota.js';
import type { Caller } from '../../limits/request-throttle.js';
import { App } from '../auth/application.decorator.js';
import { Auth, By, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { badRequest, endpointDisabled, invalid, notFound } from '../http-support/api-error.js';
import { messageOut, type MessageOut } from '../http-support/message-out.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { exampleIn, type ExampleIn } from './endpoint-example.schemas.js';
import { examplesOf } from './event-type-examples.js';

/** This name works without an event type. */
const PING = 'svix.ping';
const PING_PAYLOAD = '{"success": true}';
const TEXT =
  "The endpoint's filters do not apply. The message counts for the quota of messages. `svix.ping` needs no event type; for other names the example comes from " +
  'the schema of the event type. For a disabled endpoint the answer is 409 with the code `endpoint_disabled`.';

interface Wanted {
  example: ExampleIn;
  caller: Caller;
  /** Whether the caller may know the event type. */
  isVisible(eventType: EventType): boolean;
}

/** Sends an example message to an endpoint as a manual attempt, to test it. The endpoint's filters do not apply. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id')
@Tag('Endpoint')
export class EndpointExampleController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly eventTypes: EventTypeRepository,
    private readonly manual: ManualDeliveries,
    private readonly quota: MessageQuota,
  ) {}

  @PostOnce('send-example')
  @HttpCode(200)
  @Permission('organization')
  @Operation({
    id: 'v1.endpoint.send-example',
    summary: 'Send an example message to an endpoint',
    text: TEXT,
    answers: { 200: messageOut },
  })
  send(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: exampleIn }) body: ExampleIn,
    @By() caller: Caller,
  ): Promise<MessageOut> {
    return this.sendTo(application, key, { example: body, caller, isVisible: () => true });
  }

  /** The same for the application itself: send-example is the organisation's in the API that the client libraries know. */
  @PostOnce('test-event')
  @HttpCode(200)
  @Permission('application')
  @Operation({
    id: 'v1.endpoint.test-event',
    summary: 'Send a test event to an endpoint',
    text: `What \`send-example\` does, also with the token of the application. ${TEXT}`,
    answers: { 200: messageOut },
  })
  test(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: exampleIn }) body: ExampleIn,
    @By() caller: Caller,
    @Auth() auth: Tenant,
  ): Promise<MessageOut> {
    return this.sendTo(application, key, { example: body, caller, isVisible: (eventType) => isVisible(eventType, auth) });
  }

  private async sendTo(application: Application, key: string, { example, caller, isVisible: sees }: Wanted): Promise<MessageOut> {
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    if (endpoint.disabled) throw endpointDisabled();
    const { eventType } = example;
    const payload = Buffer.from(eventType === PING ? PING_PAYLOAD : await this.example(application.orgId, example, sees));
    const add = () => this.manual.addMessage(application, endpoint.id, { eventType, payload });
    const id = await this.quota.charge(caller, 1, add, () => 1);
    return { id, eventType, eventId: null, channels: null, payload: {}, timestamp: entityTime(id) };
  }

  private async example(orgId: string, { eventType, exampleIndex }: ExampleIn, sees: Wanted['isVisible']): Promise<string> {
    const type = await this.eventTypes.find(orgId, eventType);
    if (!type || !sees(type)) throw notFound('Event type not found');
    const examples = examplesOf(type.schemas ?? '{}');
    if (examples === null) throw badRequest('invalid_scheme', 'The schemas of this event type have no examples');
    const example = examples[exampleIndex ?? 0];
    if (example === undefined) throw invalid(['body', 'exampleIndex'], `There are ${examples.length} examples`);
    return example;
  }
}
