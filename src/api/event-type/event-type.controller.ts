import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isVisible } from '../../database/entities/event-type.entity.js';
import { EventTypeRepository } from '../../database/repositories/event-type.repository.js';
import { pageOfSizes, type Page } from '../../domain/page.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { ApiError, notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { eventTypeName } from '../http-support/schemas.js';
import {
  assertSchemas,
  eventTypeIn,
  eventTypeList,
  eventTypeOut,
  eventTypePage,
  eventTypePatch,
  eventTypePut,
  eventTypeRemoval,
  iteratorOf,
  toEventTypeOut,
  withSchemaSource,
  type EventTypeIn,
  type EventTypeList,
  type EventTypeOut,
  type EventTypePatch,
  type EventTypePut,
  type EventTypeRemoval,
} from './event-type.schemas.js';

/** The tenant's event types, addressed by name. Tokens of applications see those without feature flags, and those with one of their flags. */
@Controller('api/v1/event-type')
@Tag('Event Type')
export class EventTypeController {
  constructor(
    private readonly eventTypes: EventTypeRepository,
    private readonly limits: OrganizationLimits,
  ) {}

  @Get()
  @Permission('any-token')
  @Operation({
    id: 'v1.event-type.list',
    summary: 'List event types',
    text:
      'Sorted by name. The token of an application lists the event types without feature flags, and those that have a ' +
      'feature flag of the token.',
    answers: { 200: eventTypePage },
  })
  async list(@Auth() auth: Tenant, @Query({ schema: eventTypeList }) query: EventTypeList): Promise<Page<EventTypeOut>> {
    const { limit, iterator } = query;
    const featureFlags = auth.appId === null ? null : auth.featureFlags;
    const wanted = { limit, order: query.order, iterator, includeArchived: query.include_archived, featureFlags };
    const want = { schemas: query.with_content };
    const sizes = await this.eventTypes.sizes(auth.orgId, wanted, want);
    const page = pageOfSizes(sizes, limit, iterator?.backward ?? false, iteratorOf);
    return { ...page, data: (await this.eventTypes.inOrder(auth.orgId, page.data, want)).map(toEventTypeOut) };
  }

  @PostOnce()
  @Permission('organization')
  @Operation({
    id: 'v1.event-type.create',
    summary: 'Create an event type',
    text:
      'If an archived event type has the name, it is restored. An event type with `featureFlags` is shown only to ' +
      'applications whose token has one of them; `featureFlag` is the older form, for one flag. `groupName` puts event ' +
      'types into groups.',
    answers: { 201: eventTypeOut },
  })
  async create(
    @Auth() auth: Tenant,
    @Body({ schema: eventTypeIn }) body: EventTypeIn,
    @Req() request: FastifyRequest,
  ): Promise<EventTypeOut> {
    await assertSchemas(body);
    const { name, ...given } = withSchemaSource(body, request.body as Buffer);
    const created = await this.eventTypes.create(auth.orgId, name, given, this.limits.of(auth.orgId).maxEventTypes);
    if (!created) throw new ApiError(409, 'event_type_exists', 'An event type with this name exists');
    return toEventTypeOut(created);
  }

  @Get(':event_type_name')
  @Permission('any-token')
  @Operation({ id: 'v1.event-type.get', summary: 'Get an event type', answers: { 200: eventTypeOut } })
  async get(@Auth() auth: Tenant, @Param('event_type_name') name: string): Promise<EventTypeOut> {
    const found = await this.eventTypes.find(auth.orgId, name);
    if (!found || !isVisible(found, auth)) throw notFound('Event type not found');
    return toEventTypeOut(found);
  }

  @Put(':event_type_name')
  @Permission('organization')
  @Operation({
    id: 'v1.event-type.update',
    summary: 'Create or replace an event type',
    answers: { 200: eventTypeOut, 201: eventTypeOut },
  })
  async put(
    @Auth() auth: Tenant,
    @Param('event_type_name', { schema: eventTypeName }) name: string,
    @Body({ schema: eventTypePut }) body: EventTypePut,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventTypeOut> {
    await assertSchemas(body);
    const given = withSchemaSource(body, request.body as Buffer);
    const { eventType, created } = await this.eventTypes.put(auth.orgId, name, given, this.limits.of(auth.orgId).maxEventTypes);
    void reply.status(created ? 201 : 200);
    return toEventTypeOut(eventType);
  }

  @Patch(':event_type_name')
  @Permission('organization')
  @Operation({ id: 'v1.event-type.patch', summary: 'Update some properties of an event type', answers: { 200: eventTypeOut } })
  async patch(
    @Auth() auth: Tenant,
    @Param('event_type_name') name: string,
    @Body({ schema: eventTypePatch }) body: EventTypePatch,
    @Req() request: FastifyRequest,
  ): Promise<EventTypeOut> {
    await assertSchemas(body);
    await this.assertExists(auth, name);
    const changed = await this.eventTypes.update(auth.orgId, name, withSchemaSource(body, request.body as Buffer));
    if (!changed) throw notFound('Event type not found');
    return toEventTypeOut(changed);
  }

  @Delete(':event_type_name')
  @HttpCode(204)
  @Permission('organization')
  @Operation({ id: 'v1.event-type.delete', summary: 'Archive or delete an event type', answers: { 204: null } })
  async delete(
    @Auth() auth: Tenant,
    @Param('event_type_name') name: string,
    @Query({ schema: eventTypeRemoval }) query: EventTypeRemoval,
  ): Promise<void> {
    await this.assertExists(auth, name);
    if (query.expunge) await this.eventTypes.expunge(auth.orgId, name);
    else await this.eventTypes.update(auth.orgId, name, { archived: true });
  }

  private async assertExists(auth: Tenant, name: string): Promise<void> {
    if (!(await this.eventTypes.find(auth.orgId, name))) throw notFound('Event type not found');
  }
}
