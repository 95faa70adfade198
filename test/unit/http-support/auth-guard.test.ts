import { expect, it } from '@jest/globals';
import { Controller, Get, Post, type ExecutionContext } from '@nestjs/common';
import type { ApiKeys } from '../../../src/api/auth/api-keys.js';
import type { ApplicationAccess } from '../../../src/api/auth/application-access.js';
import type { Tenant } from '../../../src/api/auth/auth.decorator.js';
import { AuthGuard } from '../../../src/api/auth/auth.guard.js';
import { Callers } from '../../../src/api/auth/callers.js';
import { Capability } from '../../../src/api/auth/capability.js';
import { Permission } from '../../../src/api/auth/permission.js';
import type { Revocations } from '../../../src/api/auth/revocations.js';
import type { Tokens } from '../../../src/api/auth/tokens.js';
import type { OrganizationLimits } from '../../../src/limits/organization-limits.js';

const TENANT: Tenant = { orgId: 'org_1', appId: null, featureFlags: [], capabilities: null, scopes: ['full'] };
/** An operator belongs to no tenant. */
const OPERATOR = null;
const APPLICATION: Tenant = { ...TENANT, appId: 'app_1' };
const READER: Tenant = { ...APPLICATION, capabilities: ['ViewBase'] };
const MANAGER: Tenant = { ...APPLICATION, capabilities: ['ViewBase', 'ManageEndpoint'] };

@Controller()
class Routes {
  @Get('forgotten')
  forgotten() {}
  @Get('open')
  @Permission('public')
  open() {}
  @Get('organization')
  @Permission('organization')
  organization() {}
  @Get('application')
  @Permission('application')
  application() {}
  @Post('change')
  @Permission('application')
  change() {}
  @Post('resend')
  @Permission('application')
  @Capability('CreateAttempts')
  resend() {}
  @Get('all')
  @Permission('operator')
  all() {}
  @Get('owned')
  @Permission('organization-or-operator')
  owned() {}
  @Get('any')
  @Permission('any-token')
  any() {}
}

/** Whether the guard lets this caller to the route, or how it refuses. */
async function answer(route: keyof Routes, caller: Tenant | null, appId?: string, revoked = false): Promise<number | boolean> {
  const request = { headers: { authorization: 'Bearer token' }, raw: { rawHeaders: [] }, params: { app_id: appId } };
  const context = {
    getHandler: () => Routes.prototype[route],
    getClass: () => Routes,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const tokens = { verify: () => Promise.resolve({ tenant: caller }) } as unknown as Tokens;
  const revocations = { isRevoked: () => Promise.resolve(revoked) } as unknown as Revocations;
  const limits = { load: () => Promise.resolve() } as unknown as OrganizationLimits;
  const guard = new AuthGuard(new Callers(tokens, revocations, limits, {} as ApiKeys), {} as ApplicationAccess);
  return guard.canActivate(context).catch(({ status }: { status: number }) => status);
}

it.each<[keyof Routes, string, Tenant | null, string | undefined, number | boolean]>([
  ['forgotten', 'the tenant', TENANT, undefined, 403],
  ['forgotten', 'an application', APPLICATION, 'app_1', 403],
  ['open', 'anybody', TENANT, undefined, true],
  ['organization', 'the tenant', TENANT, 'app_1', true],
  ['organization', 'an application', APPLICATION, 'app_1', 403],
  ['organization', 'an operator', OPERATOR, 'app_1', 403],
  ['application', 'an operator', OPERATOR, 'app_1', 403],
  ['any', 'an operator', OPERATOR, undefined, 403],
  ['forgotten', 'an operator', OPERATOR, undefined, 403],
  ['all', 'an operator', OPERATOR, undefined, true],
  ['all', 'the tenant', TENANT, undefined, 403],
  ['all', 'an application', APPLICATION, undefined, 403],
  ['owned', 'an operator', OPERATOR, undefined, true],
  ['owned', 'the tenant', TENANT, undefined, true],
  ['owned', 'an application', APPLICATION, undefined, 403],
  ['application', 'the tenant', TENANT, 'app_1', true],
  ['application', 'its application', APPLICATION, 'app_1', true],
  ['application', 'another application', APPLICATION, 'app_2', 404],
  ['application', 'an application by a uid, which is looked up later', APPLICATION, 'shop', true],
  ['any', 'the tenant', TENANT, undefined, true],
  ['any', 'an application', APPLICATION, undefined, true],
  ['application', 'one who may only look', READER, 'app_1', true],
  ['change', 'one who may only look', READER, 'app_1', 403],
  ['change', 'one who may manage endpoints', MANAGER, 'app_1', true],
  ['resend', 'one who may manage endpoints only', MANAGER, 'app_1', 403],
  ['resend', 'an application without limits', APPLICATION, 'app_1', true],
])('the route "%s" for %s', async (route, _who, caller, appId, expected) => {
  expect(await answer(route, caller, appId)).toBe(expected);
});

it('a token that was revoked is refused', async () => {
  expect(await answer('any', TENANT, undefined, true)).toBe(401);
});

it('a public route asks for no token', async () => {
  expect(await answer('open', TENANT, undefined, true)).toBe(true);
});
