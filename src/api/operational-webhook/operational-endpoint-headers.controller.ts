import { Body, Controller, Get, HttpCode, Param, Patch, Put } from '@nestjs/common';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { shownHeaders } from '../endpoint/custom-headers.js';
import { EndpointHeaders } from '../endpoint/endpoint-headers.js';
import { headersIn, headersPatch, type HeadersIn, type HeadersPatch } from '../endpoint/endpoint.schemas.js';
import { OperationalApplication } from './operational-application.js';

/** Headers that operational webhooks are sent with. */
@Controller('/api/v1/operational-webhook/endpoint/:endpoint_id/headers')
@Permission('organization')
export class OperationalEndpointHeadersController {
  constructor(
    private readonly application: OperationalApplication,
    private readonly headers: EndpointHeaders,
  ) {}

  @Get()
  async get(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<ReturnType<typeof shownHeaders>> {
    const application = await this.application.require(auth);
    return shownHeaders(await this.headers.get(application.id, key));
  }

  @Put()
  @HttpCode(204)
  async replace(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersIn }) { headers }: HeadersIn,
  ): Promise<void> {
    const application = await this.application.require(auth);
    await this.headers.replace(application.id, key, headers);
  }

  @Patch()
  @HttpCode(204)
  async merge(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersPatch }) changes: HeadersPatch,
  ): Promise<void> {
    const application = await this.application.require(auth);
    await this.headers.merge(application.id, key, changes);
  }
}
