import { Body, Controller, Get, HttpCode, Param, Query } from '@nestjs/common';
import type { ApiKey } from '../../database/entities/api-key.entity.js';
import { ApiKeyRepository, MAX_KEYS } from '../../database/repositories/api-key.repository.js';
import { apiKeyHash, apiKeyHint, newApiKey } from '../../domain/api-key.js';
import { pageOf, type Page } from '../../domain/page.js';
import { keyWindow } from '../../domain/time-window.js';
import { ApiError, conflict, invalid, notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { PostOnce } from '../http-support/post-once.js';
import { scopeBits } from './api-keys.js';
import {
  apiTokenCensoredOut,
  apiTokenExpireIn,
  apiTokenIn,
  apiTokenList,
  apiTokenOut,
  apiTokenPage,
  apiTokenRotateIn,
  toApiTokenCensoredOut,
  toApiTokenOut,
  type ApiTokenCensoredOut,
  type ApiTokenExpireIn,
  type ApiTokenIn,
  type ApiTokenList,
  type ApiTokenOut,
  type ApiTokenRotateIn,
} from './api-token.schemas.js';
import { ApplicationAccess } from './application-access.js';
import { Auth, Token, type Tenant, type VerifiedToken } from './auth.decorator.js';
import { Permission } from './permission.js';
import { Revocations } from './revocations.js';

/** The API keys of an organisation. */
@Controller('/api/v1/auth/api-token')
@Tag('Authentication')
@Permission('organization')
export class ApiTokenController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly revocations: Revocations,
    private readonly access: ApplicationAccess,
  ) {}

  @PostOnce()
  @Operation({
    id: 'v1.authentication.create-api-token',
    summary: 'Create an API key',
    text:
      'The answer is the only one that shows the key. `scopes` are `full` (the default), `send` (only send messages) and `read` ' +
      '(only read, and no signing secrets). With `appId` the key works for one application: it may do what the token of the application ' +
      'may, and send its messages, as far as its scopes allow that. A key that was created with an expiring key expires with it at ' +
      'the latest.',
    answers: { 201: apiTokenOut },
  })
  async create(
    @Auth() auth: Tenant,
    @Token() creator: VerifiedToken,
    @Body({ schema: apiTokenIn }) { name, scopes, appId, expiry }: ApiTokenIn,
  ): Promise<ApiTokenOut> {
    const application = appId ? await this.access.find(auth, appId) : null;
    if (appId && !application) throw invalid(['body', 'appId'], 'There is no such application');
    const token = newApiKey();
    const key = await this.keys.create({
      orgId: auth.orgId,
      name,
      scopes: scopeBits(scopes),
      appId: application?.id ?? null,
      creator: creator.id,
      hash: apiKeyHash(token),
      hint: apiKeyHint(token),
      expiresAt: endOf(creator, expiry ?? null),
    });
    if (!key) throw conflict(`An organisation can't have more than ${MAX_KEYS} API keys. Expired ones count for 90 days`);
    return toApiTokenOut(key, token);
  }

  @Get()
  @Operation({ id: 'v1.authentication.list-api-tokens', summary: 'List API keys', answers: { 200: apiTokenPage } })
  async list(
    @Auth() auth: Tenant,
    @Query({ schema: apiTokenList }) { limit, iterator, order }: ApiTokenList,
  ): Promise<Page<ApiTokenCensoredOut>> {
    const rows = await this.keys.list(auth.orgId, keyWindow(iterator, order), limit + 1);
    return pageOf(rows.map(toApiTokenCensoredOut), limit, iterator?.startsWith('-') ?? false, ({ id }) => id);
  }

  @Get(':key_id')
  @Operation({ id: 'v1.authentication.get-api-token', summary: 'Get an API key', answers: { 200: apiTokenCensoredOut } })
  async get(@Auth() auth: Tenant, @Param('key_id') id: string): Promise<ApiTokenCensoredOut> {
    return toApiTokenCensoredOut(await this.require(auth, id));
  }

  @PostOnce(':key_id/expire')
  @HttpCode(204)
  @Operation({
    id: 'v1.authentication.expire-api-token',
    summary: 'Expire an API key',
    text: 'At once, or in `expiry` seconds. A key that expires earlier stays as it is.',
    answers: { 204: null },
  })
  async expire(
    @Auth() auth: Tenant,
    @Param('key_id') id: string,
    @Body({ schema: apiTokenExpireIn }) { expiry }: ApiTokenExpireIn,
  ): Promise<void> {
    const changed = await this.keys.expire(auth.orgId, id, Date.now() + (expiry ?? 0) * 1000);
    if (!changed) throw notFound();
    this.revocations.announce(changed.revocations);
  }

  @PostOnce(':key_id/rotate')
  @HttpCode(200)
  @Operation({
    id: 'v1.authentication.rotate-api-token',
    summary: 'Replace the secret of an API key',
    text:
      'The answer is the only one that shows the new secret. The one until now is valid for `gracePeriodSeconds` more, a day if ' +
      'nothing is given, and one from an earlier rotation ends at once.',
    answers: { 200: apiTokenOut },
  })
  async rotate(
    @Auth() auth: Tenant,
    @Token() caller: VerifiedToken,
    @Param('key_id') id: string,
    @Body({ schema: apiTokenRotateIn }) { gracePeriodSeconds }: ApiTokenRotateIn,
  ): Promise<ApiTokenOut> {
    const key = await this.require(auth, id);
    if (hasEnded(key)) throw conflict('The API key has expired. Create a new one');
    if (caller.kind === 'key' && (key.expiresAt?.getTime() ?? Infinity) > caller.refusedFrom)
      throw new ApiError(403, 'insufficient access', 'An API key can not renew one that lives longer than itself');
    const token = newApiKey();
    const secret = { hash: apiKeyHash(token), hint: apiKeyHint(token) };
    const changed = await this.keys.rotate(auth.orgId, id, secret, Date.now() + gracePeriodSeconds * 1000);
    if (!changed) throw notFound();
    this.revocations.announce(changed.revocations);
    return toApiTokenOut(changed.key, token);
  }

  private async require(auth: Tenant, id: string): Promise<ApiKey> {
    const key = await this.keys.find(auth.orgId, id);
    if (!key) throw notFound();
    return key;
  }
}

/** When a new key expires. A key never makes one that lives longer than itself. */
function endOf(creator: VerifiedToken, expiry: number | null): Date | null {
  const latest = creator.kind === 'key' ? creator.refusedFrom : Infinity;
  const end = expiry === null ? latest : Date.now() + expiry * 1000;
  if (end > latest) throw invalid(['body', 'expiry'], 'Must not be later than the expiry of the API key of this request');
  return Number.isFinite(end) ? new Date(end) : null;
}

function hasEnded({ expiresAt }: ApiKey): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}
