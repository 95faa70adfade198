import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Application } from '../../database/entities/application.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { pageOfSizes, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { App } from '../auth/application.decorator.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import {
  endpointIn,
  endpointList,
  endpointOut,
  endpointPage,
  endpointPatch,
  endpointUpdate,
  type EndpointIn,
  type EndpointList,
  type EndpointOut,
  type EndpointPatch,
  type EndpointUpdate,
  resolvedEventTypes,
} from './endpoint.schemas.js';
import { EndpointAnswers } from './endpoint-answers.js';
import { EndpointService } from './endpoint.service.js';

/** Endpoints of an application. */
@Controller('/api/v1/app/:app_id/endpoint')
@Tag('Endpoint')
@Permission('application')
export class EndpointController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly service: EndpointService,
    private readonly answers: EndpointAnswers,
  ) {}

  @Get()
  @Operation({ id: 'v1.endpoint.list', summary: 'List endpoints', answers: { 200: endpointPage } })
  async list(
    @App() application: Application,
    @Query({ schema: endpointList }) { limit, iterator, order }: EndpointList,
  ): Promise<Page<EndpointOut>> {
    const sizes = await this.endpoints.sizes(application.id, keyWindow(iterator, order), limit + 1);
    const page = pageOfSizes(sizes, limit, iterator?.startsWith('-') ?? false);
    const rows = await this.endpoints.inOrder(application.id, page.data);
    return { ...page, data: await Promise.all(rows.map((row) => this.answers.of(application, row))) };
  }

  @PostOnce()
  @Operation({
    id: 'v1.endpoint.create',
    summary: 'Create an endpoint',
    text: 'Messages go to every enabled endpoint whose event types and channels match. If you give no secret, one is generated.',
    answers: { 201: endpointOut },
  })
  async create(
    @Auth() auth: Tenant,
    @App() application: Application,
    @Body({ schema: endpointIn }) body: EndpointIn,
  ): Promise<EndpointOut> {
    const endpoint = await this.service.create(application, resolvedEventTypes(body, auth.appId !== null), flagsOf(auth));
    return this.answers.of(application, endpoint);
  }

  @Get(':endpoint_id')
  @Operation({ id: 'v1.endpoint.get', summary: 'Get an endpoint', answers: { 200: endpointOut } })
  async get(@App() application: Application, @Param('endpoint_id') key: string): Promise<EndpointOut> {
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    return this.answers.of(application, endpoint);
  }

  @Put(':endpoint_id')
  @Operation({
    id: 'v1.endpoint.update',
    summary: 'Create or replace an endpoint',
    text:
      'Properties that the body leaves out are reset. Only the uid stays if the path contains it; an explicit `null` ' +
      'removes it. The secret and the custom headers do not change. If the path contains an unknown uid, an endpoint ' +
      'with this uid is created.',
    answers: { 200: endpointOut, 201: endpointOut },
  })
  async replace(
    @Auth() auth: Tenant,
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointUpdate }) body: EndpointUpdate,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointOut> {
    const { endpoint, created } = await this.service.replace(application, key, body, flagsOf(auth));
    reply.status(created ? 201 : 200);
    return this.answers.of(application, endpoint);
  }

  @Patch(':endpoint_id')
  @Operation({ id: 'v1.endpoint.patch', summary: 'Update some properties of an endpoint', answers: { 200: endpointOut } })
  async patch(
    @Auth() auth: Tenant,
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: endpointPatch }) body: EndpointPatch,
  ): Promise<EndpointOut> {
    return this.answers.of(application, await this.service.patch(application, key, body, flagsOf(auth)));
  }

  @Delete(':endpoint_id')
  @HttpCode(204)
  @Operation({ id: 'v1.endpoint.delete', summary: 'Delete an endpoint', answers: { 204: null } })
  async remove(@App() application: Application, @Param('endpoint_id') key: string): Promise<void> {
    await this.service.remove(application, key);
  }
}

function flagsOf({ appId, featureFlags }: Tenant): readonly string[] | null {
  return appId === null ? null : featureFlags;
}
