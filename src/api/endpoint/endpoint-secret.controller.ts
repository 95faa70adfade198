import { Body, Controller, Get, HttpCode, Param } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { App } from '../auth/application.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { secretOut, secretRotation, type SecretOut, type SecretRotation } from './endpoint-secret.schemas.js';
import { EndpointSecrets } from './endpoint-secrets.js';

/** Shows and rotates the signing secret of an endpoint. Secrets leave the service only here. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/secret')
@Tag('Endpoint')
@Permission('application')
export class EndpointSecretController {
  constructor(private readonly secrets: EndpointSecrets) {}

  @Get()
  @Capability('ViewEndpointSecret', 'ManageEndpointSecret', 'ManageEndpoint')
  @Operation({
    id: 'v1.endpoint.get-secret',
    summary: "Get an endpoint's signing secret",
    text: 'A receiver verifies signatures with it. Of an asymmetric secret only the public key is shown.',
    answers: { 200: secretOut },
  })
  async get(@App() application: Application, @Param('endpoint_id') key: string): Promise<SecretOut> {
    return { key: await this.secrets.show(application, key) };
  }

  @PostOnce('rotate')
  @Capability('ManageEndpointSecret', 'ManageEndpoint')
  @HttpCode(204)
  @Operation({
    id: 'v1.endpoint.rotate-secret',
    summary: "Rotate an endpoint's signing secret",
    text: 'The previous secret keeps signing beside the new one for `gracePeriodSeconds`; the default is one day.',
    answers: { 204: null },
  })
  async rotate(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Body({ schema: secretRotation }) body: SecretRotation,
  ): Promise<void> {
    await this.secrets.rotate(application, key, body);
  }
}
