import { Body, Controller, HttpCode, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { EventTypeImport } from './event-type-import.js';
import { importOut, openApiImport, type ImportOut, type OpenApiImport } from './event-type-import.schemas.js';

/** Imports many event types at once. */
@Controller('/api/v1/event-type/import')
@Tag('Event Type')
@Permission('organization')
export class EventTypeImportController {
  constructor(private readonly imports: EventTypeImport) {}

  @PostOnce('openapi')
  @HttpCode(200)
  @Operation({
    id: 'v1.event-type.import-openapi',
    summary: 'Create event types from the webhooks of an OpenAPI document',
    text:
      'Give the parsed document as `spec`, or its text (JSON or YAML) as `specRaw`. A webhook can carry ' +
      '`x-svix-feature-flags` and `x-svix-group-name`; without them an existing event type keeps its flags and its ' +
      'group. With `dryRun` nothing changes: the answer shows what would change.',
    answers: { 200: importOut },
  })
  fromOpenApi(
    @Auth() auth: Tenant,
    @Body({ schema: openApiImport }) body: OpenApiImport,
    @Req() request: FastifyRequest,
  ): Promise<ImportOut> {
    return this.imports.fromOpenApi(auth, body, request.body as Buffer);
  }
}
