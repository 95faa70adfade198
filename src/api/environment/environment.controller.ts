import { Body, Controller, HttpCode, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EventTypeImportRepository } from '../../database/repositories/event-type-import.repository.js';
import { itemSourcesOf, sourceOf } from '../../domain/json-source.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { eventTypeOut, withSchemaSource, type EventTypeOut } from '../event-type/event-type.schemas.js';
import { PostOnce } from '../http-support/post-once.js';
import { environmentIn, type EnvironmentIn } from './environment.schemas.js';

const VERSION = 1;

/** Everything that an environment consists of here. */
export interface EnvironmentOut {
  version: number;
  createdAt: Date;
  eventTypes: EventTypeOut[];
  settings: null;
  connectors: never[];
}

/** The tenant's configuration as one document: to keep it, or to take it from one environment to another. */
@Controller('/api/v1/environment')
@Permission('organization')
export class EnvironmentController {
  constructor(private readonly eventTypes: EventTypeImportRepository) {}

  @PostOnce('export')
  @HttpCode(200)
  async export(@Auth() auth: Tenant): Promise<EnvironmentOut> {
    const eventTypes = await this.eventTypes.all(auth.orgId);
    return { version: VERSION, createdAt: new Date(), eventTypes: eventTypes.map(eventTypeOut), settings: null, connectors: [] };
  }

  /** Adds and changes, and deletes nothing. */
  @PostOnce('import')
  @HttpCode(204)
  async import(
    @Auth() auth: Tenant,
    @Body({ schema: environmentIn }) { eventTypes }: EnvironmentIn,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const sources = itemSourcesOf(sourceOf(request.body as Buffer, 'eventTypes') ?? Buffer.alloc(0));
    const given = (eventTypes ?? []).map((type, at) => withSchemaSource(type, sources[at]!));
    // Of two with one name the later counts, as it would one by one.
    const byName = new Map(given.map((type) => [type.name, type]));
    await this.eventTypes.putAll(auth.orgId, [...byName.values()]);
  }
}
