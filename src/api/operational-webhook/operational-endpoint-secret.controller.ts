import { Body, Controller, Get, HttpCode, Param } from '@nestjs/common';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { secretOut, secretRotation, type SecretOut, type SecretRotation } from '../endpoint/endpoint-secret.schemas.js';
import { EndpointSecrets } from '../endpoint/endpoint-secrets.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { OperationalApplication } from './operational-application.js';

/** The signing secret of an operational endpoint. */
@Controller('/api/v1/operational-webhook/endpoint/:endpoint_id/secret')
@Tag('Operational Webhook')
@Permission('organization')
export class OperationalEndpointSecretController {
  constructor(
    private readonly application: OperationalApplication,
    private readonly secrets: EndpointSecrets,
  ) {}

  @Get()
  @Capability('ViewEndpointSecret')
  @Operation({
    id: 'v1.operational-webhook.endpoint.get-secret',
    summary: "Get an operational endpoint's signing secret",
    answers: { 200: secretOut },
  })
  async get(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<SecretOut> {
    const application = await this.application.require(auth);
    return { key: await this.secrets.show(application, key) };
  }

  @PostOnce('rotate')
  @HttpCode(204)
  @Operation({
    id: 'v1.operational-webhook.endpoint.rotate-secret',
    summary: "Rotate an operational endpoint's signing secret",
    answers: { 204: null },
  })
  async rotate(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: secretRotation }) body: SecretRotation,
  ): Promise<void> {
    const application = await this.application.require(auth);
    await this.secrets.rotate(application, key, body);
  }
}
