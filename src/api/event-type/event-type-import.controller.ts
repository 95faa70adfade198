import { Body, Controller, HttpCode, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { EventTypeImport } from './event-type-import.js';
import { importOut, openApiImport, type ImportOut, type OpenApiImport } from './event-type-import.schemas.js';

/** Event types by the dozen. */
@Controller('/api/v1/event-type/import')
@Tag('Event Type')
@Permission('organization')
export class EventTypeImportController {
  constructor(private readonly imports: EventTypeImport) {}

  @PostOnce('openapi')
  @HttpCode(200)
  @Operation({
    id: 'v1.event-type.import-openapi',
    summary: 'Make event types of the webhooks of an OpenAPI document',
    text:
      'The document parsed as `spec`, or its text as `specRaw`, JSON or YAML. `x-svix-feature-flags` and `x-svix-group-name` ' +
      'of a webhook are those of its event type; where they are left out, those of an event type that is there stay. With ' +
      '`dryRun` nothing is changed: the answer says what would be.',
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
