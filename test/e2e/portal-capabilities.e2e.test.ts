import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Api } from '../support/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';

let app: TestApp;
let appId: string;
let endpointId: string;
let msgId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { disabled: true })).id;
  msgId = (await aMessage(app, appId)).id;
});
afterAll(() => app.stop());

async function portal(options: Record<string, unknown>): Promise<Api> {
  const { status, body } = await app.api.post(`/auth/app-portal-access/${appId}`, options);
  expect(status).toBe(200);
  return app.as(body.token);
}

const endpoint = () => `/app/${appId}/endpoint/${endpointId}`;

/** What a portal does, and by which request. */
const DOES: Record<string, (api: Api) => Promise<Answer>> = {
  'look at the endpoint': (api) => api.get(endpoint()),
  'list messages': (api) => api.get(`/app/${appId}/msg`),
  'list event types': (api) => api.get('/event-type'),
  'look at headers': (api) => api.get(`${endpoint()}/headers`),
  'see the secret': (api) => api.get(`${endpoint()}/secret`),
  'rotate the secret': (api) => api.post(`${endpoint()}/secret/rotate`, { gracePeriodSeconds: 0 }),
  'create an endpoint': (api) => api.post(`/app/${appId}/endpoint`, { url: 'http://127.0.0.1:9/', disabled: true }),
  'change the endpoint': (api) => api.patch(endpoint(), { description: 'new' }),
  'set headers': (api) => api.put(`${endpoint()}/headers`, { headers: { 'x-a': 'b' } }),
  'delete an endpoint': (api) => api.delete(`/app/${appId}/endpoint/nobody`),
  resend: (api) => api.post(`/app/${appId}/msg/${msgId}/endpoint/${endpointId}/resend`),
};

const LOOKS = ['look at the endpoint', 'list messages', 'list event types', 'look at headers'];
const CHANGES = ['create an endpoint', 'change the endpoint', 'set headers', 'delete an endpoint'];

/** What of all that the token is allowed to. */
async function allowedTo(api: Api): Promise<string[]> {
  const allowed: string[] = [];
  for (const [what, request] of Object.entries(DOES)) if ((await request(api)).status !== 403) allowed.push(what);
  return allowed;
}

describe('a portal token', () => {
  it('may do everything if nothing else is said', async () => {
    expect(await allowedTo(await portal({}))).toEqual(Object.keys(DOES));
    expect(await allowedTo(await portal({ readOnly: false, capabilities: null }))).toEqual(Object.keys(DOES));
  });

  it.each([
    ['ViewBase', LOOKS],
    ['ViewEndpointSecret', [...LOOKS, 'see the secret']],
    ['ManageEndpointSecret', [...LOOKS, 'see the secret', 'rotate the secret']],
    ['ManageTransformations', LOOKS],
    ['CreateAttempts', [...LOOKS, 'resend']],
    ['ManageEndpoint', [...LOOKS, 'see the secret', 'rotate the secret', ...CHANGES]],
  ])('with %s may do what that says', async (capability, expected) => {
    expect(await allowedTo(await portal({ capabilities: [...new Set(['ViewBase', capability])] }))).toEqual(expected);
  });

  it('that is read-only may look', async () => {
    expect(await allowedTo(await portal({ readOnly: true }))).toEqual(LOOKS);
  });

  it('that is read-only may only look, whatever it is given besides', async () => {
    const api = await portal({ readOnly: true, capabilities: ['ViewBase', 'ManageEndpoint'] });
    expect(await allowedTo(api)).toEqual(LOOKS);
  });

  it('that is read-only may log out', async () => {
    expect((await (await portal({ readOnly: true })).post('/auth/logout')).status).toBe(204);
  });

  it.each([
    ['without ViewBase', ['ManageEndpoint']],
    ['empty', []],
    ['of an unknown name', ['ViewBase', 'DoMagic']],
    ['that are no list', 'ViewBase'],
  ])('can not be made with capabilities %s', async (_what, capabilities) => {
    const answer = await app.api.post(`/auth/app-portal-access/${appId}`, { capabilities });
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: expect.arrayContaining(['body', 'capabilities']) }] } });
  });
});

describe("an endpoint that a portal's form creates", () => {
  it.each(['eventTypes', 'filterTypes'])('with an empty list as %s gets every event type', async (name) => {
    const form = { url: 'http://127.0.0.1:9/', disabled: true, [name]: [] };
    const answer = await (await portal({})).post(`/app/${appId}/endpoint`, form);

    expect(answer).toMatchObject({ status: 201, body: { eventTypes: null, filterTypes: null } });
  });

  it.each(['eventTypes', 'filterTypes'])('may not be sent with an empty list as %s by an organisation', async (name) => {
    const { status, body } = await app.api.post(`/app/${appId}/endpoint`, { url: 'http://127.0.0.1:9/', [name]: [] });

    expect(status).toBe(422);
    expect(body.detail).toEqual([expect.objectContaining({ loc: ['body', 'eventTypes'] })]);
  });
});
