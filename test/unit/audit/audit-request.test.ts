import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { entryOf, idInAnswer } from '../../../src/api/audit/audit-request.js';
import type { Route } from '../../../src/api/auth/route.js';

const route = { method: 'POST', body: undefined, operation: { id: 'v1.some.thing' } } as unknown as Route;

async function entry(
  params: Record<string, string>,
  forwarded: string | undefined,
  behindLoadBalancer: boolean,
  tenant: unknown = null,
) {
  const request = {
    id: 'req-1',
    params,
    headers: { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: '10.0.0.9' },
    token: { id: 'token-1', tenant },
  };
  return (await entryOf(request as unknown as FastifyRequest, route, { id: 'audit_1', behindLoadBalancer }))!;
}

describe('the address of a client', () => {
  it('is the last one that the load balancer tells, whatever the client sent', async () => {
    expect((await entry({}, '1.1.1.1, 203.0.113.7', true)).address).toBe('203.0.113.7');
    expect((await entry({}, '2001:db8::1', true)).address).toBe('2001:db8::1');
  });

  it('is that of the connection without a load balancer', async () => {
    expect((await entry({}, '1.1.1.1', false)).address).toBe('10.0.0.9');
  });

  it('is that of the connection if the header has none', async () => {
    for (const header of [undefined, '', 'unknown', '1.1.1.1, <script>'])
      expect((await entry({}, header, true)).address).toBe('10.0.0.9');
  });
});

describe('the organisation of an entry', () => {
  it('is that of the path for an operator', async () => {
    expect(await entry({ org_id: 'org_a' }, undefined, false)).toMatchObject({ orgId: 'org_a', actor: 'operator' });
  });

  it('is none for an operator whose path names none', async () => {
    expect((await entry({ org_id: 'nonsense' }, undefined, false)).orgId).toBe('operator');
  });

  it('is that of the token, whatever the path says', async () => {
    const tenant = { orgId: 'org_own', appId: null };
    expect(await entry({ org_id: 'org_a' }, undefined, false, tenant)).toMatchObject({ orgId: 'org_own', actor: 'organization' });
  });
});

describe('the actor of an entry', () => {
  it('is an API key, also one for a single application', async () => {
    const request = {
      id: 'r',
      params: {},
      headers: {},
      socket: {},
      token: { id: 'key_1', kind: 'key', tenant: { orgId: 'org_a', appId: 'app_1' } },
    };
    const options = { id: 'audit_1', behindLoadBalancer: false };
    expect(await entryOf(request as unknown as FastifyRequest, route, options)).toMatchObject({
      actor: 'api-key',
      tokenId: 'key_1',
    });
  });
});

describe('the texts of a path', () => {
  it('are cut', async () => {
    expect(await entry({ app_id: 'x'.repeat(2_000) }, undefined, false)).toMatchObject({ appId: 'x'.repeat(256) });
  });

  it('name an application only if they can be an id or uid', async () => {
    expect(await entry({ app_id: 'é' }, undefined, false)).toMatchObject({ appId: null, objects: { app_id: 'é' } });
  });
});

describe('the id in an answer', () => {
  it.each([
    [{ id: 'ep_1', name: 'Shop' }, 'ep_1'],
    [{ name: 'invoice.paid' }, 'invoice.paid'],
    [{ url: 'https://example.com', token: 'secret' }, null],
    [{ id: 7 }, null],
    [undefined, null],
  ])('of %j is %j', (answer, id) => {
    expect(idInAnswer(answer)).toBe(id);
  });
});
