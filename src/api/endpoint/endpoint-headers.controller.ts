import { Body, Controller, Get, HttpCode, Param, Patch, Put } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { toHeadersOut } from './custom-headers.js';
import { EndpointHeaders } from './endpoint-headers.js';
import {
  headersIn,
  headersOut,
  headersPatch,
  type HeadersIn,
  type HeadersOut,
  type HeadersPatch,
} from './endpoint-headers.schemas.js';

/** The custom headers of an endpoint: they are sent with every message. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/headers')
@Tag('Endpoint')
@Permission('application')
export class EndpointHeadersController {
  constructor(private readonly headers: EndpointHeaders) {}

  @Get()
  @Operation({
    id: 'v1.endpoint.get-headers',
    summary: "Get an endpoint's custom headers",
    text:
      'Of headers that look like credentials by their names (`Authorization`, `Cookie`, `X-Api-Key`, `X-Secret` and their like) only ' +
      'the names are shown, in `sensitive`.',
    answers: { 200: headersOut },
  })
  async get(@App() application: Application, @Param('endpoint_id') key: string): Promise<HeadersOut> {
    return toHeadersOut(await this.headers.get(application, key));
  }

  @Put()
  @HttpCode(204)
  @Operation({
    id: 'v1.endpoint.update-headers',
    summary: "Replace an endpoint's custom headers",
    text:
      'These names are refused: headers that the service sets itself (`content-type`, `webhook-…`), headers of the ' +
      'connection (`connection`, `expect`, `upgrade` …), and headers that cloud providers trust. Values must be ' +
      'Latin-1 text.',
    answers: { 204: null },
  })
  async replace(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersIn }) { headers }: HeadersIn,
  ): Promise<void> {
    await this.headers.replace(application, key, headers);
  }

  @Patch()
  @HttpCode(204)
  @Operation({
    id: 'v1.endpoint.patch-headers',
    summary: "Set or delete some of an endpoint's custom headers",
    answers: { 204: null },
  })
  async merge(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: headersPatch }) changes: HeadersPatch,
  ): Promise<void> {
    await this.headers.merge(application, key, changes);
  }
}
