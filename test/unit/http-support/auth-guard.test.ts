import { expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Tenant } from '../../../src/api/auth/auth.decorator.js';
import { AuthGuard } from '../../../src/api/auth/auth.guard.js';
import { Permission } from '../../../src/api/auth/permission.js';
import { Tokens } from '../../../src/api/auth/tokens.js';

const TENANT: Tenant = { orgId: 'org_1', appId: null, featureFlags: [] };
const APPLICATION: Tenant = { ...TENANT, appId: 'app_1' };

class Routes {
  forgotten() {}
  @Permission('public')
  open() {}
  @Permission('organization')
  organization() {}
  @Permission('application')
  application() {}
  @Permission('any-token')
  any() {}
}

/** Whether the guard lets this caller to the route, or how it refuses. */
async function answer(route: keyof Routes, caller: Tenant, appId?: string): Promise<number | boolean> {
  const request = { headers: {}, params: { app_id: appId } };
  const context = {
    getHandler: () => Routes.prototype[route],
    getClass: () => Routes,
    switchToHttp: () => ({ getRequest: () => request }),
  } as unknown as ExecutionContext;
  const tokens = { verify: () => Promise.resolve(caller) } as unknown as Tokens;
  return new AuthGuard(tokens, new Reflector()).canActivate(context).catch(({ status }: { status: number }) => status);
}

it.each<[keyof Routes, string, Tenant, string | undefined, number | boolean]>([
  ['forgotten', 'the tenant', TENANT, undefined, 403],
  ['forgotten', 'an application', APPLICATION, 'app_1', 403],
  ['open', 'anybody', TENANT, undefined, true],
  ['organization', 'the tenant', TENANT, 'app_1', true],
  ['organization', 'an application', APPLICATION, 'app_1', 403],
  ['application', 'the tenant', TENANT, 'app_1', true],
  ['application', 'its application', APPLICATION, 'app_1', true],
  ['application', 'another application', APPLICATION, 'app_2', 404],
  ['application', 'an application by a uid, which is looked up later', APPLICATION, 'shop', true],
  ['any', 'the tenant', TENANT, undefined, true],
  ['any', 'an application', APPLICATION, undefined, true],
])('the route "%s" for %s', async (route, _who, caller, appId, expected) => {
  expect(await answer(route, caller, appId)).toBe(expected);
});
