import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Application } from '../../database/entities/application.entity.js';
import { ApplicationRepository } from '../../database/repositories/application.repository.js';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { App } from '../auth/application.decorator.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { applicationIn, applicationPut, type ApplicationIn, type ApplicationPut } from '../http-support/application-in.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import {
  applicationCreation,
  applicationList,
  applicationOut,
  applicationPage,
  applicationPatch,
  toApplicationOut,
  type ApplicationCreation,
  type ApplicationList,
  type ApplicationOut,
  type ApplicationPatch,
} from './application.schemas.js';
import { ApplicationService, type Outcome } from './application.service.js';

/** The tenant's applications. */
@Controller('api/v1/app')
@Tag('Application')
export class ApplicationController {
  constructor(
    private readonly applications: ApplicationService,
    private readonly repository: ApplicationRepository,
  ) {}

  @Get()
  @Permission('organization')
  @Operation({ id: 'v1.application.list', summary: 'List applications', answers: { 200: applicationPage } })
  async list(@Auth() auth: Tenant, @Query({ schema: applicationList }) query: ApplicationList): Promise<Page<ApplicationOut>> {
    const { limit, iterator, order } = query;
    const rows = await this.repository.list(auth.orgId, keyWindow(iterator, order), limit + 1, {
      withEndpoints: query.exclude_apps_with_no_endpoints,
      withoutAllDisabled: query.exclude_apps_with_disabled_endpoints,
    });
    return pageOf(rows.map(toApplicationOut), limit, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @PostOnce()
  @Permission('organization')
  @Operation({
    id: 'v1.application.create',
    summary: 'Create an application',
    text: 'An application is one of your customers. It has endpoints, and you send messages to it.',
    answers: { 200: applicationOut, 201: applicationOut },
  })
  async create(
    @Auth() auth: Tenant,
    @Query({ schema: applicationCreation }) query: ApplicationCreation,
    @Body({ schema: applicationIn }) body: ApplicationIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplicationOut> {
    if (query.get_if_exists) return answer(reply, await this.applications.getIfExists(auth, body));
    return toApplicationOut(await this.applications.create(auth, body));
  }

  @Get(':app_id')
  @Permission('application')
  @Operation({ id: 'v1.application.get', summary: 'Get an application', answers: { 200: applicationOut } })
  get(@App() application: Application): ApplicationOut {
    return toApplicationOut(application);
  }

  @Put(':app_id')
  @Permission('organization')
  @Operation({
    id: 'v1.application.update',
    summary: 'Create or replace an application',
    text:
      'Properties that the body leaves out are reset. Only the uid stays if the path contains it; an explicit `null` ' +
      'removes it. If the path contains an unknown uid, an application with this uid is created. Repeating the request ' +
      'changes nothing.',
    answers: { 200: applicationOut, 201: applicationOut },
  })
  async put(
    @Auth() auth: Tenant,
    @Param('app_id') appId: string,
    @Body({ schema: applicationPut }) body: ApplicationPut,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApplicationOut> {
    return answer(reply, await this.applications.put(auth, appId, body));
  }

  @Patch(':app_id')
  @Permission('organization')
  @Operation({
    id: 'v1.application.patch',
    summary: 'Update some properties of an application',
    answers: { 200: applicationOut },
  })
  async patch(
    @App() application: Application,
    @Body({ schema: applicationPatch }) body: ApplicationPatch,
  ): Promise<ApplicationOut> {
    return toApplicationOut(await this.applications.patch(application, body));
  }

  @Delete(':app_id')
  @HttpCode(204)
  @Permission('organization')
  @Operation({
    id: 'v1.application.delete',
    summary: 'Delete an application',
    text: 'Its endpoints and messages can no longer be reached, and its open deliveries are dropped. Its uid can be used again.',
    answers: { 204: null },
  })
  async delete(@App() application: Application): Promise<void> {
    await this.applications.remove(application);
  }
}

function answer(reply: FastifyReply, { application, created }: Outcome): ApplicationOut {
  void reply.status(created ? 201 : 200);
  return toApplicationOut(application);
}
