import { Body, Controller, HttpCode, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { PostOnce } from '../http-support/post-once.js';
import { openApiImport, type OpenApiImport } from './event-type-import.schemas.js';
import { EventTypeImport, type ImportOut } from './event-type-import.js';

/** Event types by the dozen. */
@Controller('/api/v1/event-type/import')
@Permission('organization')
export class EventTypeImportController {
  constructor(private readonly imports: EventTypeImport) {}

  @PostOnce('openapi')
  @HttpCode(200)
  fromOpenApi(
    @Auth() auth: Tenant,
    @Body({ schema: openApiImport }) body: OpenApiImport,
    @Req() request: FastifyRequest,
  ): Promise<ImportOut> {
    return this.imports.fromOpenApi(auth, body, request.body as Buffer);
  }
}
