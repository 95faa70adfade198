import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EventType } from '../../database/entities/event-type.entity.js';
import { EventTypeImportRepository } from '../../database/repositories/event-type-import.repository.js';
import { EventTypeRepository } from '../../database/repositories/event-type.repository.js';
import { itemSourcesOf, sourceOf } from '../../domain/json-source.js';
import { inSteps } from '../../async/steps.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import {
  eventTypeIn,
  schemaProblems,
  toEventTypeOut,
  withSchemaSource,
  type EventTypeIn,
  type EventTypeOut,
} from '../event-type/event-type.schemas.js';
import { checkedItems } from '../http-support/checked-items.js';
import { withList, type JsonPieces } from '../http-support/json-text.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { environmentIn, environmentOut, type EnvironmentIn, type EnvironmentOut } from './environment.schemas.js';

const VERSION = 1;

/** Exports and imports the tenant's configuration as one document, as a backup or to copy it to another environment. */
@Controller('/api/v1/environment')
@Tag('Environment')
@Permission('organization')
export class EnvironmentController {
  constructor(
    private readonly eventTypes: EventTypeRepository,
    private readonly imports: EventTypeImportRepository,
    private readonly limits: OrganizationLimits,
  ) {}

  /** The answer is written page by page, and is not stored for repetitions: there is no limit on the number of event types. */
  @Post('export')
  @Header('content-type', 'application/json; charset=utf-8')
  @HttpCode(200)
  @Operation({ id: 'v1.environment.export', summary: 'Export all event types as one document', answers: { 200: environmentOut } })
  async export(@Auth() auth: Tenant): Promise<JsonPieces<EnvironmentOut>> {
    const pages = this.eventTypes.pages(auth.orgId);
    // If the database is unavailable, this fails before the status is sent.
    const first = await pages.next();
    const items = itemsOf(first.done ? [] : first.value, pages);
    const around: EnvironmentOut = { version: VERSION, createdAt: new Date(), eventTypes: [], settings: null, connectors: [] };
    return withList(around, 'eventTypes', items);
  }

  /** Creates and updates event types. It deletes none. */
  @PostOnce('import')
  @HttpCode(204)
  @Operation({
    id: 'v1.environment.import',
    summary: 'Import an exported document',
    text: 'Event types are created and updated; none is deleted.',
    answers: { 204: null },
  })
  async import(
    @Auth() auth: Tenant,
    @Body({ schema: environmentIn }) { eventTypes }: EnvironmentIn,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const sources = itemSourcesOf(sourceOf(request.body as Buffer, 'eventTypes') ?? Buffer.alloc(0));
    const more = ({ schemas }: EventTypeIn) => schemaProblems(schemas ?? {});
    const checked = await inSteps(checkedItems(eventTypeIn, eventTypes ?? [], sources, ['body', 'eventTypes'], more));
    // If a name occurs twice, the last one is used.
    const byName = new Map(checked.map((type, at) => [type.name, withSchemaSource(type, sources[at]!)]));
    await this.imports.putAll(auth.orgId, [...byName.values()], this.limits.of(auth.orgId).maxEventTypes);
  }
}

async function* itemsOf(first: EventType[], others: AsyncGenerator<EventType[]>): AsyncGenerator<EventTypeOut[]> {
  yield first.map(toEventTypeOut);
  for await (const page of others) yield page.map(toEventTypeOut);
}
