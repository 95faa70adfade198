import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { PostOnce } from '../http-support/post-once.js';
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
} from './endpoint.schemas.js';
import { EndpointService } from './endpoint.service.js';
import { endpointOut, type EndpointOut } from './endpoint.view.js';

/** Endpoints of an application. */
@Controller('/api/v1/app/:app_id/endpoint')
@Permission('application')
export class EndpointController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly endpoints: EndpointRepository,
    private readonly service: EndpointService,
  ) {}

  @Get()
  async list(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Query({ schema: endpointList }) { limit, iterator, order }: EndpointList,
  ): Promise<Page<EndpointOut>> {
    const application = await this.access.require(auth, appKey);
    const rows = await this.endpoints.list(application.id, keyWindow(iterator, order), limit + 1);
    return pageOf(rows.map(endpointOut), limit, iterator?.startsWith('-') ?? false, (endpoint) => endpoint.id);
  }

  @PostOnce()
  async create(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Body({ schema: endpointIn }) body: EndpointIn,
  ): Promise<EndpointOut> {
    const application = await this.access.require(auth, appKey);
    return endpointOut(await this.service.create(application, withTypesMeant(body, auth.appId !== null)));
  }

  @Get(':endpoint_id')
  async get(@Auth() auth: Tenant, @Param('app_id') appKey: string, @Param('endpoint_id') key: string): Promise<EndpointOut> {
    const application = await this.access.require(auth, appKey);
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    return endpointOut(endpoint);
  }

  @Put(':endpoint_id')
  async replace(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointUpdate }) body: EndpointUpdate,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointOut> {
    const application = await this.access.require(auth, appKey);
    const { endpoint, created } = await this.service.replace(application, key, body);
    reply.status(created ? 201 : 200);
    return endpointOut(endpoint);
  }

  @Patch(':endpoint_id')
  async patch(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointPatch }) body: EndpointPatch,
  ): Promise<EndpointOut> {
    const application = await this.access.require(auth, appKey);
    return endpointOut(await this.service.patch(application, key, body));
  }

  @Delete(':endpoint_id')
  @HttpCode(204)
  async remove(@Auth() auth: Tenant, @Param('app_id') appKey: string, @Param('endpoint_id') key: string): Promise<void> {
    const application = await this.access.require(auth, appKey);
    await this.service.remove(application, key);
  }
}
