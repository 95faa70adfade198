import { Body, Controller, HttpCode, Param } from '@nestjs/common';
import type { NewApplication } from '../../database/repositories/application.repository.js';
import { ApiError } from '../http-support/api-error.js';
import { PostOnce } from '../http-support/post-once.js';
import { ApplicationAccess } from './application-access.js';
import { Auth, Token, type Tenant, type VerifiedToken } from './auth.decorator.js';
import { portalAccessIn, tokenExpiry, type PortalAccessIn, type TokenExpiry } from './auth.schemas.js';
import { Capability } from './capability.js';
import { Permission } from './permission.js';
import { Revocations } from './revocations.js';
import { Tokens, type AppTokenLimits } from './tokens.js';

/** Where the client libraries' documentation explains the portal; nothing is served there for this service. */
const PORTAL_URL = 'https://docs.svix.com/app-portal/oss';

const NO_LIMITS: AppTokenLimits = { featureFlags: [], capabilities: null, lifetimeSeconds: null, sessionId: null };

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
    private readonly revocations: Revocations,
  ) {}

  @PostOnce('app-portal-access/:app_id')
  @HttpCode(200)
  @Permission('organization')
  portalAccess(
    @Auth() auth: Tenant,
    @Param('app_id') appId: string,
    @Body({ schema: portalAccessIn }) body: PortalAccessIn,
  ): Promise<PortalAccessOut> {
    return this.grant(auth, appId, body.limits, body.application);
  }

  /** The old name; it needs no body. */
  @PostOnce('dashboard-access/:app_id')
  @HttpCode(200)
  @Permission('organization')
  dashboardAccess(@Auth() auth: Tenant, @Param('app_id') appId: string): Promise<PortalAccessOut> {
    return this.grant(auth, appId, NO_LIMITS, null);
  }

  /** Ends the application's token that it is called with. The organisation's own would take its backend down with it. */
  @PostOnce('logout')
  @HttpCode(204)
  @Permission('any-token')
  @Capability('ViewBase')
  async logout(@Auth() auth: Tenant, @Token() token: VerifiedToken): Promise<void> {
    if (auth.appId === null) throw new ApiError(403, 'insufficient access', 'Only the token of an application can log out');
    await this.revocations.revoke(token);
  }

  /** Ends tokens of an application that were issued until now: all, or those of some sessions. */
  @PostOnce('app/:app_id/expire-all')
  @HttpCode(204)
  @Permission('organization')
  async expireAll(
    @Auth() auth: Tenant,
    @Param('app_id') appId: string,
    @Body({ schema: tokenExpiry }) { expiry, sessionIds }: TokenExpiry,
  ): Promise<void> {
    const { id } = await this.access.require(auth, appId);
    await this.revocations.expire(auth.orgId, id, expiry ?? 0, sessionIds);
  }

  private async grant(
    auth: Tenant,
    appId: string,
    limits: AppTokenLimits,
    given: NewApplication | null,
  ): Promise<PortalAccessOut> {
    const application = await this.access.requireOrCreate(auth, appId, given);
    return { url: PORTAL_URL, token: await this.tokens.mintApp(auth.orgId, application.id, limits) };
  }
}
