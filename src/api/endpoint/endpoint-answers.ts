import { Injectable } from '@nestjs/common';
import { EndpointUnsealer } from '../../database/engine/endpoint-unsealer.js';
import type { Application } from '../../database/entities/application.entity.js';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { toEndpointOut, type EndpointOut } from './endpoint.schemas.js';

/** Endpoints as the API shows them. One that can't be opened is shown like the others, with the reason. */
@Injectable()
export class EndpointAnswers {
  constructor(private readonly unsealer: EndpointUnsealer) {}

  async of(application: Application, endpoint: Endpoint): Promise<EndpointOut> {
    const unreadable = await this.unsealer.whyUnreadable(endpoint, application);
    return { ...toEndpointOut(endpoint), ...(unreadable !== null && { unreadable }) };
  }
}
