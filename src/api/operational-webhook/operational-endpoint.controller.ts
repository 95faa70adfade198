import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Application } from '../../database/entities/application.entity.js';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { pageOfSizes, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import {
  endpointIn,
  endpointList,
  endpointPatch,
  endpointUpdate,
  type EndpointIn,
  type EndpointList,
  type EndpointPatch,
  type EndpointUpdate,
  resolvedEventTypes,
} from '../endpoint/endpoint.schemas.js';
import { EndpointAnswers } from '../endpoint/endpoint-answers.js';
import { EndpointService } from '../endpoint/endpoint.service.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { OperationalApplication } from './operational-application.js';
import {
  operationalEndpointOut,
  operationalEndpointPage,
  toOperationalEndpointOut,
  type OperationalEndpointOut,
} from './operational-endpoint.schemas.js';

/** The endpoints that receive a tenant's operational webhooks. Operational messages have no channels, so a given channel is ignored. */
@Controller('/api/v1/operational-webhook/endpoint')
@Tag('Operational Webhook')
@Permission('organization')
export class OperationalEndpointController {
  constructor(
    private readonly application: OperationalApplication,
    private readonly endpoints: EndpointRepository,
    private readonly service: EndpointService,
    private readonly answers: EndpointAnswers,
  ) {}

  @Get()
  @Operation({
    id: 'v1.operational-webhook.endpoint.list',
    summary: 'List operational endpoints',
    answers: { 200: operationalEndpointPage },
  })
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: endpointList }) { limit, iterator, order }: EndpointList,
  ): Promise<Page<OperationalEndpointOut>> {
    const application = await this.application.find(auth);
    const window = keyWindow(iterator, order);
    const sizes = application ? await this.endpoints.sizes(application.id, window, limit + 1) : [];
    const page = pageOfSizes(sizes, limit, iterator?.startsWith('-') ?? false);
    const rows = application ? await this.endpoints.inOrder(application.id, page.data) : [];
    return { ...page, data: application ? await Promise.all(rows.map((row) => this.shown(application, row))) : [] };
  }

  @PostOnce()
  @Operation({
    id: 'v1.operational-webhook.endpoint.create',
    summary: 'Create an operational endpoint',
    text: "It receives events about your customers' endpoints and messages. They are listed under Webhooks.",
    answers: { 201: operationalEndpointOut },
  })
  async create(@Auth() auth: Tenant, @Body({ schema: endpointIn }) body: EndpointIn): Promise<OperationalEndpointOut> {
    const given = resolvedEventTypes(body, false);
    const application = await this.application.make(auth);
    return this.shown(application, await this.service.create(application, { ...given, channels: null }));
  }

  @Get(':endpoint_id')
  @Operation({
    id: 'v1.operational-webhook.endpoint.get',
    summary: 'Get an operational endpoint',
    answers: { 200: operationalEndpointOut },
  })
  async get(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<OperationalEndpointOut> {
    const application = await this.application.require(auth);
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    return this.shown(application, endpoint);
  }

  @Put(':endpoint_id')
  @Operation({
    id: 'v1.operational-webhook.endpoint.update',
    summary: 'Create or replace an operational endpoint',
    text:
      'Properties that the body leaves out are reset. Only the uid stays if the path contains it; an explicit `null` ' +
      'removes it. The secret and the custom headers do not change.',
    answers: { 200: operationalEndpointOut, 201: operationalEndpointOut },
  })
  async replace(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointUpdate }) body: EndpointUpdate,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationalEndpointOut> {
    const application = await this.application.make(auth);
    const { endpoint, created } = await this.service.replace(application, key, { ...body, channels: null });
    reply.status(created ? 201 : 200);
    return this.shown(application, endpoint);
  }

  @Patch(':endpoint_id')
  @Operation({
    id: 'v1.operational-webhook.endpoint.patch',
    summary: 'Update some properties of an operational endpoint',
    answers: { 200: operationalEndpointOut },
  })
  async patch(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointPatch }) { channels: _none, ...body }: EndpointPatch,
  ): Promise<OperationalEndpointOut> {
    const application = await this.application.require(auth);
    return this.shown(application, await this.service.patch(application, key, body));
  }

  @Delete(':endpoint_id')
  @HttpCode(204)
  @Operation({ id: 'v1.operational-webhook.endpoint.delete', summary: 'Delete an operational endpoint', answers: { 204: null } })
  async remove(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<void> {
    const application = await this.application.require(auth);
    await this.service.remove(application, key);
  }

  private async shown(application: Application, endpoint: Endpoint): Promise<OperationalEndpointOut> {
    return toOperationalEndpointOut(await this.answers.of(application, endpoint));
  }
}
