import { Controller, Get, Header } from '@nestjs/common';
import { Permission } from '../auth/permission.js';
import { ApiDocument } from '../http-support/api-document.js';
import type { Json } from './description.js';

/** The API in a form that programs read. */
@Controller('api/v1/openapi.json')
@Permission('public')
export class OpenApiController {
  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Header('cache-control', 'public, max-age=300')
  get(): Json {
    return this.document.get();
  }
}
