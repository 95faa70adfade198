import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
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
  withTypesMeant,
} from '../endpoint/endpoint.schemas.js';
import { EndpointService } from '../endpoint/endpoint.service.js';
import { notFound } from '../http-support/api-error.js';
import { PostOnce } from '../http-support/post-once.js';
import { OperationalApplication } from './operational-application.js';
import { operationalEndpointOut, type OperationalEndpointOut } from './operational-endpoint.view.js';

/** Where a tenant wants to hear of its customers' endpoints. Operational messages have no channels, so a filter by them is none. */
@Controller('/api/v1/operational-webhook/endpoint')
@Permission('organization')
export class OperationalEndpointController {
  constructor(
    private readonly application: OperationalApplication,
    private readonly endpoints: EndpointRepository,
    private readonly service: EndpointService,
  ) {}

  @Get()
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: endpointList }) { limit, iterator, order }: EndpointList,
  ): Promise<Page<OperationalEndpointOut>> {
    const application = await this.application.find(auth);
    const window = keyWindow(iterator, order);
    const rows = application ? await this.endpoints.list(application.id, window, limit + 1) : [];
    return pageOf(rows.map(operationalEndpointOut), limit, iterator?.startsWith('-') ?? false, (endpoint) => endpoint.id);
  }

  @PostOnce()
  async create(@Auth() auth: Tenant, @Body({ schema: endpointIn }) body: EndpointIn): Promise<OperationalEndpointOut> {
    const given = withTypesMeant(body, false);
    const application = await this.application.make(auth);
    return operationalEndpointOut(await this.service.create(application, { ...given, channels: null }));
  }

  @Get(':endpoint_id')
  async get(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<OperationalEndpointOut> {
    const application = await this.application.require(auth);
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    return operationalEndpointOut(endpoint);
  }

  @Put(':endpoint_id')
  async replace(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointUpdate }) body: EndpointUpdate,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationalEndpointOut> {
    const application = await this.application.make(auth);
    const { endpoint, created } = await this.service.replace(application, key, { ...body, channels: null });
    reply.status(created ? 201 : 200);
    return operationalEndpointOut(endpoint);
  }

  @Patch(':endpoint_id')
  async patch(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointPatch }) { channels: _none, ...body }: EndpointPatch,
  ): Promise<OperationalEndpointOut> {
    const application = await this.application.require(auth);
    return operationalEndpointOut(await this.service.patch(application, key, body));
  }

  @Delete(':endpoint_id')
  @HttpCode(204)
  async remove(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<void> {
    const application = await this.application.require(auth);
    await this.service.remove(application, key);
  }
}
