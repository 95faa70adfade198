import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import type { NewApplication } from '../../database/application.repository.js';
import { ApiError } from '../http-support/api-error.js';
import { ApplicationAccess } from './application-access.js';
import { Auth, type Tenant } from './auth.decorator.js';
import { portalAccessIn, type PortalAccessIn } from './auth.schemas.js';
import { Permission } from './permission.js';
import { Tokens } from './tokens.js';

/** Where the client libraries' documentation explains the portal; nothing is served there for this service. */
const PORTAL_URL = 'https://docs.svix.com/app-portal/oss';

/** A token for one application, and where to go with it. */
export interface PortalAccessOut {
  url: string;
  token: string;
}

/** Tokens for the tenant's customers. */
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly tokens: Tokens,
    private readonly access: ApplicationAccess,
  ) {}

  @Post('app-portal-access/:app_id')
  @HttpCode(200)
  @Permission('organization')
  portalAccess(
    @Auth() auth: Tenant,
    @Param('app_id') appId: string,
    @Body({ schema: portalAccessIn }) body: PortalAccessIn,
  ): Promise<PortalAccessOut> {
    return this.grant(auth, appId, body.featureFlags, body.application);
  }

  /** The old name; it needs no body. */
  @Post('dashboard-access/:app_id')
  @HttpCode(200)
  @Permission('organization')
  dashboardAccess(@Auth() auth: Tenant, @Param('app_id') appId: string): Promise<PortalAccessOut> {
    return this.grant(auth, appId, [], null);
  }

  @Post('logout')
  @Permission('public')
  logout(): never {
    throw new ApiError(501, 'not_implemented', 'Tokens can not be revoked yet: they end when they expire');
  }

  private async grant(
    auth: Tenant,
    appId: string,
    featureFlags: string[],
    given: NewApplication | null | undefined,
  ): Promise<PortalAccessOut> {
    const application = await this.access.requireOrCreate(auth, appId, given);
    return { url: PORTAL_URL, token: await this.tokens.mintApp(auth.orgId, application.id, featureFlags) };
  }
}
