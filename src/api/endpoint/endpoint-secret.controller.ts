import { Body, Controller, Get, HttpCode, Param } from '@nestjs/common';
import { ApplicationAccess } from '../auth/application-access.js';
import { Auth, type Tenant } from '../auth/auth.decorator.js';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { PostOnce } from '../http-support/post-once.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import { secretRotation, type SecretRotation } from './endpoint.schemas.js';

/** The signing secret of an endpoint: the only place where it leaves the service. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/secret')
@Permission('application')
export class EndpointSecretController {
  constructor(
    private readonly access: ApplicationAccess,
    private readonly secrets: EndpointSecrets,
  ) {}

  @Get()
  @Capability('ViewEndpointSecret', 'ManageEndpointSecret', 'ManageEndpoint')
  async get(@Auth() auth: Tenant, @Param('app_id') appKey: string, @Param('endpoint_id') key: string): Promise<{ key: string }> {
    const application = await this.access.require(auth, appKey);
    return { key: await this.secrets.show(application.id, key) };
  }

  @PostOnce('rotate')
  @Capability('ManageEndpointSecret', 'ManageEndpoint')
  @HttpCode(204)
  async rotate(
    @Auth() auth: Tenant,
    @Param('app_id') appKey: string,
    @Param('endpoint_id') key: string,
    @Body({ schema: secretRotation }) body: SecretRotation,
  ): Promise<void> {
    const application = await this.access.require(auth, appKey);
    await this.secrets.rotate(application.id, key, body);
  }
}
