import { Body, Controller, Get, HttpCode, Param } from '@nestjs/common';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { EndpointSecrets } from '../endpoint/endpoint-secrets.js';
import { secretRotation, type SecretRotation } from '../endpoint/endpoint.schemas.js';
import { PostOnce } from '../http-support/post-once.js';
import { OperationalApplication } from './operational-application.js';

/** What operational webhooks are signed with. */
@Controller('/api/v1/operational-webhook/endpoint/:endpoint_id/secret')
@Permission('organization')
export class OperationalEndpointSecretController {
  constructor(
    private readonly application: OperationalApplication,
    private readonly secrets: EndpointSecrets,
  ) {}

  @Get()
  async get(@Auth() auth: Tenant, @Param('endpoint_id') key: string): Promise<{ key: string }> {
    const application = await this.application.require(auth);
    return { key: await this.secrets.show(application.id, key) };
  }

  @PostOnce('rotate')
  @HttpCode(204)
  async rotate(
    @Auth() auth: Tenant,
    @Param('endpoint_id') key: string,
    @Body({ schema: secretRotation }) body: SecretRotation,
  ): Promise<void> {
    const application = await this.application.require(auth);
    await this.secrets.rotate(application.id, key, body);
  }
}
