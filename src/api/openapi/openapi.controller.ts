import { Controller, Get, Header } from '@nestjs/common';
import { Permission } from '../auth/permission.js';
import { ApiDocument, openApiDocument } from '../http-support/api-document.js';
import { JsonText } from '../http-support/json-text.js';
import { Operation, Tag } from '../http-support/operation.js';

/** Serves the OpenAPI document. Its text is made once. */
@Controller('api/v1/openapi.json')
@Tag('Health')
@Permission('public')
export class OpenApiController {
  private written: Promise<JsonText> | undefined;

  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Header('cache-control', 'public, max-age=300')
  @Operation({ id: 'v1.openapi.get', summary: 'Get this document', answers: { 200: openApiDocument } })
  get(): Promise<JsonText> {
    return (this.written ??= this.document.get().then((document) => new JsonText(JSON.stringify(document))));
  }
}
