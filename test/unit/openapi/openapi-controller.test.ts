import { expect, it } from '@jest/globals';
import { OpenApiController } from '../../../src/api/openapi/openapi.controller.js';
import { writtenJson } from '../../../src/api/http-support/json-text.js';

it('the OpenAPI document is written once', async () => {
  let written = 0;
  const document = { get: () => Promise.resolve({ openapi: '3.1.0', toJSON: () => ({ times: ++written }) }) };
  const controller = new OpenApiController(document);

  expect((await Promise.all([controller.get(), controller.get()])).map((answer) => writtenJson(answer))).toEqual([
    '{"times":1}',
    '{"times":1}',
  ]);
});
