import { Body, Controller, Get, HttpCode, Param, Patch, Put } from '@nestjs/common';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { shownHeaders } from './custom-headers.js';
import { EndpointHeaders } from './endpoint-headers.js';
import { headersIn, headersPatch, type HeadersIn, type HeadersPatch } from './endpoint.schemas.js';

/** The headers that an endpoint's owner wants to be sent along. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/headers')
@Permission('application')
export class EndpointHeadersController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly headers: EndpointHeaders,
  ) {}

  @Get()
  async get(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
  ): Promise<ReturnType<typeof shownHeaders>> {
    const application = await this.access.require(auth, appKey);
    return shownHeaders(await this.headers.get(application.id, key));
  }

  @Put()
  @HttpCode(204)
  async replace(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersIn }) { headers }: HeadersIn,
  ): Promise<void> {
    const application = await this.access.require(auth, appKey);
    await this.headers.replace(application.id, key, headers);
  }

  @Patch()
  @HttpCode(204)
  async merge(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersPatch }) changes: HeadersPatch,
  ): Promise<void> {
    const application = await this.access.require(auth, appKey);
    await this.headers.merge(application.id, key, changes);
  }
}
