import { Controller, Get, Param } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { endpointStateOut, toEndpointState, type EndpointStateOut } from './endpoint-state.schemas.js';

/** Tells since when and why an endpoint is disabled or failing, and until when an earlier secret signs too. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/state')
@Tag('Endpoint')
@Permission('application')
export class EndpointStateController {
  constructor(private readonly endpoints: EndpointRepository) {}

  @Get()
  @Operation({
    id: 'v1.endpoint.get-state',
    summary: 'Get since when an endpoint is disabled or failing, and why',
    text: 'Not part of the Svix API.',
    answers: { 200: endpointStateOut },
  })
  async get(@App() application: Application, @Param('endpoint_id') key: string): Promise<EndpointStateOut> {
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    return toEndpointState(endpoint, Date.now());
  }
}
