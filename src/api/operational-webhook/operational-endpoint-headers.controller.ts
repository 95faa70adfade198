import { Body, Controller, Get, HttpCode, Param, Patch, Put } from '@nestjs/common';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { toHeadersOut } from '../endpoint/custom-headers.js';
import { EndpointHeaders } from '../endpoint/endpoint-headers.js';
import {
  headersIn,
  headersOut,
  headersPatch,
  type HeadersIn,
  type HeadersOut,
  type HeadersPatch,
} from '../endpoint/endpoint-headers.schemas.js';
import { Operation, Tag } from '../http-support/operation.js';
import { OperationalApplication } from './operational-application.js';

/** The custom headers of an operational endpoint. */
@Controller('/api/v1/operational-webhook/endpoint/:endpoint_id/headers')
@Tag('Operational Webhook')
@Permission('organization')
export class OperationalEndpointHeadersController {
  constructor(
    private readonly application: OperationalApplication,
    private readonly headers: EndpointHeaders,
  ) {}

  @Get()
  @Operation({
    id: 'v1.operational-webhook.endpoint.get-headers',
    summary: "Get an operational endpoint's custom headers",
    answers: { 200: headersOut },
  })
  async get(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<HeadersOut> {
    const application = await this.application.require(auth);
    return toHeadersOut(await this.headers.get(application, key));
  }

  @Put()
  @HttpCode(204)
  @Operation({
    id: 'v1.operational-webhook.endpoint.update-headers',
    summary: "Replace an operational endpoint's custom headers",
    answers: { 204: null },
  })
  async replace(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersIn }) { headers }: HeadersIn,
  ): Promise<void> {
    const application = await this.application.require(auth);
    await this.headers.replace(application, key, headers);
  }

  @Patch()
  @HttpCode(204)
  @Operation({
    id: 'v1.operational-webhook.endpoint.patch-headers',
    summary: "Set or delete some of an operational endpoint's custom headers",
    answers: { 204: null },
  })
  async merge(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersPatch }) changes: HeadersPatch,
  ): Promise<void> {
    const application = await this.application.require(auth);
    await this.headers.merge(application, key, changes);
  }
}
