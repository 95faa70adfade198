import { Body, Controller, HttpCode, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import type { Application } from '../../database/entities/application.entity.js';
import { ApiKeyRepository } from '../../database/repositories/api-key.repository.js';
import type { NewApplication } from '../../database/repositories/application.repository.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { ApplicationAccess } from './application-access.js';
import { App } from './application.decorator.js';
import { Auth, Token, type Tenant, type VerifiedToken } from './auth.decorator.js';
import {
  portalAccessIn,
  portalAccessOut,
  tokenExpiry,
  type PortalAccessIn,
  type PortalAccessOut,
  type TokenExpiry,
} from './auth.schemas.js';
import { Capability } from './capability.js';
import { Permission } from './permission.js';
import { portalUrl } from './portal-url.js';
import { Revocations } from './revocations.js';
import { Tokens, type AppTokenLimits } from './tokens.js';

const NO_LIMITS: AppTokenLimits = { featureFlags: [], capabilities: null, lifetimeSeconds: null, sessionId: null };

/** Issues and revokes tokens for the tenant's customers. */
@Controller('api/v1/auth')
@Tag('Authentication')
export class AuthController {
  constructor(
    private readonly tokens: Tokens,
    private readonly access: ApplicationAccess,
    private readonly revocations: Revocations,
    private readonly keys: ApiKeyRepository,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @PostOnce('app-portal-access/:app_id')
  @HttpCode(200)
  @Permission('organization')
  @Operation({
    id: 'v1.authentication.app-portal-access',
    summary: 'Get a link to the portal, and a token for one application',
    text:
      'Send your customer to `url`: it opens the portal of the application, and needs no other login. To show it in a page of ' +
      'your own, `PORTAL_FRAME_ANCESTORS` must name the origin of that page. Or give them the ' +
      '`token` for the API. Who has one of the two can do what the token allows: give them to nobody else, and write ' +
      'them into no log. `capabilities` limits what it may do: `ViewBase` reads everything but secrets, ' +
      '`ViewEndpointSecret` reads signing secrets, `ManageEndpointSecret` reads and rotates them, `ManageEndpoint` creates, changes and ' +
      'deletes endpoints, with their secrets, `CreateAttempts` sends again, recovers and replays, `ManageTransformations` does ' +
      'nothing here. Without a list it may do all of it. `expiry` says for how many seconds it is valid. Tokens ' +
      'with the same `sessionId` can be expired together. The token can see event types that have one of its ' +
      '`featureFlags`.',
    answers: { 200: portalAccessOut },
  })
  portalAccess(
    @Auth() auth: Tenant,
    @Param('app_id') appId: string,
    @Body({ schema: portalAccessIn }) body: PortalAccessIn,
    @Req() request: FastifyRequest,
  ): Promise<PortalAccessOut> {
    return this.grant(auth, appId, { limits: body.limits, given: body.application, request });
  }

  /** The deprecated path. It needs no body. */
  @PostOnce('dashboard-access/:app_id')
  @HttpCode(200)
  @Permission('organization')
  @Operation({
    id: 'v1.authentication.dashboard-access',
    summary: 'Get a token for one application (deprecated path)',
    deprecated: true,
    answers: { 200: portalAccessOut },
  })
  dashboardAccess(
    @Auth() auth: Tenant,
    @Param('app_id') appId: string,
    @Req() request: FastifyRequest,
  ): Promise<PortalAccessOut> {
    return this.grant(auth, appId, { limits: NO_LIMITS, given: null, request });
  }

  /** Revokes the token of the request, whatever kind it is. A backend that calls it locks itself out, and needs a new token. */
  @PostOnce('logout')
  @HttpCode(204)
  @Permission('every-token')
  @Capability('ViewBase')
  @Operation({
    id: 'v1.authentication.logout',
    summary: 'Revoke the token of this request',
    text:
      'Any token can be revoked this way: that of an application, of the organisation, of an operator, and an API key with the ' +
      'scope `full`. Requests with it get 401 from then on.',
    answers: { 204: null },
  })
  async logout(@Token() token: VerifiedToken): Promise<void> {
    if (token.kind === 'jwt') return this.revocations.revoke(token);
    const changed = await this.keys.expire(token.tenant!.orgId, token.id, Date.now());
    if (changed) this.revocations.announce(changed.revocations);
  }

  /** Expires the tokens of an application that were issued until now: all of them, or those of the given sessions. */
  @PostOnce('app/:app_id/expire-all')
  @HttpCode(204)
  @Permission('organization')
  @Operation({
    id: 'v1.authentication.expire-all',
    summary: 'Expire all tokens of an application',
    text:
      'Expires the tokens that were issued until now, at once or in `expiry` seconds. If `sessionIds` are given, only ' +
      'the tokens of these sessions.',
    answers: { 204: null },
  })
  async expireAll(
    @App() application: Application,
    @Body({ schema: tokenExpiry }) { expiry, sessionIds }: TokenExpiry,
  ): Promise<void> {
    await this.revocations.expire(application.orgId, application.id, expiry ?? 0, sessionIds);
  }

  private async grant(
    auth: Tenant,
    appId: string,
    { limits, given, request }: { limits: AppTokenLimits; given: NewApplication | null; request: FastifyRequest },
  ): Promise<PortalAccessOut> {
    const application = await this.access.requireOrCreate(auth, appId, given);
    const token = await this.tokens.mintApp(auth.orgId, application.id, limits);
    return { url: portalUrl(this.config, request, token), token };
  }
}
