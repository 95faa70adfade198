import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Received } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 20_000;
const PAIR = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
const shared = (bytes = 24) => `whsec_${randomBytes(bytes).toString('base64')}`;

describe('secrets of endpoints', () => {
  let app: TestApp;
  let appId: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
  });
  afterAll(() => app?.stop());

  const secretPath = (id: string) => `/app/${appId}/endpoint/${id}/secret`;
  const secretOf = async (id: string) => (await app.api.get(secretPath(id))).body;
  const rotate = (id: string, body: unknown = {}) => app.api.post(`${secretPath(id)}/rotate`, body);

  it('are generated with 24 bytes', async () => {
    const { id } = await anEndpoint(app, appId);

    expect(await secretOf(id)).toEqual({ key: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/) });
  });

  it.each([24, 75])('may be chosen with %d bytes', async (bytes) => {
    const secret = shared(bytes);
    const { id } = await anEndpoint(app, appId, { secret });

    expect(await secretOf(id)).toEqual({ key: secret });
  });

  it('show their public half only, where they are a key pair', async () => {
    const { id } = await anEndpoint(app, appId, { secret: PAIR });

    expect(await secretOf(id)).toEqual({ key: PUBLIC });
  });

  it.each([
    ['too short', shared(23)],
    ['too long', shared(76)],
    ['without prefix', 'A'.repeat(32)],
    ['with a strange prefix', shared().replace('whsec', 'other')],
    ['public', PUBLIC],
    ['no base64', 'whsec_***'],
    ['of halves that do not fit', PAIR.replace('6Xb', '6Xc')],
  ])('are refused if they are %s', async (_, secret) => {
    const { status, body } = await app.api.post(`/app/${appId}/endpoint`, { url: 'http://example.com', secret });

    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body', 'secret']);
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('can be read with the token of the application', async () => {
    const { id } = await anEndpoint(app, appId);

    expect((await app.as(app.appTokenFor(appId)).get(secretPath(id))).status).toBe(200);
  });

  it('are not found where the endpoint is unknown', async () => {
    expect((await app.api.get(secretPath('nobody'))).status).toBe(404);
    expect((await rotate('nobody')).status).toBe(404);
  });

  it('change by a rotation without a key', async () => {
    const { id } = await anEndpoint(app, appId);
    const before = await secretOf(id);

    expect(await rotate(id, { key: null })).toMatchObject({ status: 204, body: null });
    expect((await secretOf(id)).key).toMatch(/^whsec_/);
    expect(await secretOf(id)).not.toEqual(before);
  });

  it('are set by a rotation with a key', async () => {
    const { id } = await anEndpoint(app, appId);
    const key = shared(40);
    await rotate(id, { key });

    expect(await secretOf(id)).toEqual({ key });
  });

  it.each([{ key: 'nonsense' }, { gracePeriodSeconds: -1 }, { gracePeriodSeconds: 604_801 }])(
    'are not rotated by %j',
    async (body) => {
      const { id } = await anEndpoint(app, appId);

      expect((await rotate(id, body)).status).toBe(422);
    },
  );

  it('are rotated ten times at most while the earlier ones are valid', async () => {
    const { id } = await anEndpoint(app, appId);
    for (let count = 0; count < 10; count++) expect((await rotate(id)).status).toBe(204);

    expect(await rotate(id)).toMatchObject({ status: 400, body: { code: 'limit_reached' } });
  });

  it('can be rotated again once one of ten earlier ones has expired', async () => {
    const { id } = await anEndpoint(app, appId);
    for (let count = 0; count < 9; count++) await rotate(id);
    await rotate(id, { gracePeriodSeconds: 3 });
    const key = shared();
    expect((await rotate(id, { key })).status).toBe(400);
    await until(async () => (await rotate(id, { key })).status === 204, WAIT_MS, 'the earlier secret to expire');

    expect(await secretOf(id)).toEqual({ key });
  });

  it('all sign a delivery while they are valid', async () => {
    const receiver = await startReceiver();
    const first = shared();
    const { id } = await anEndpoint(app, appId, { url: receiver.url, secret: first });
    await rotate(id);
    const second = (await secretOf(id)).key;
    await rotate(id);
    const third = (await secretOf(id)).key;
    await aMessage(app, appId);
    const [request] = await receiver.got(1);
    await receiver.stop();

    for (const secret of [first, second, third]) expect(verifies(secret, request!)).toBe(true);
  });

  it('have a time until which an earlier one signs, in the state of the endpoint', async () => {
    const { id } = await anEndpoint(app, appId);
    const overlapEnd = async () => (await app.api.get(`/app/${appId}/endpoint/${id}/state`)).body.previousSecretsUntil;
    expect(await overlapEnd()).toBeNull();
    await rotate(id, { gracePeriodSeconds: 0 });
    expect(await overlapEnd()).toBeNull();
    await rotate(id, { gracePeriodSeconds: 3_600 });
    await rotate(id, { gracePeriodSeconds: 60 });

    expect(Math.abs(Date.parse(await overlapEnd()) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  it('stop signing at once without a grace period', async () => {
    const receiver = await startReceiver();
    const first = shared();
    const { id } = await anEndpoint(app, appId, { url: receiver.url, secret: first });
    await rotate(id, { gracePeriodSeconds: 0 });
    await aMessage(app, appId);
    const [request] = await receiver.got(1);
    await receiver.stop();

    expect(verifies(first, request!)).toBe(false);
  });

  it('of both kinds sign side by side', async () => {
    const receiver = await startReceiver();
    const first = shared();
    const { id } = await anEndpoint(app, appId, { url: receiver.url, secret: first });
    await rotate(id, { key: PAIR });
    await aMessage(app, appId);
    const [request] = await receiver.got(1);
    await receiver.stop();

    expect(signatureOf(request!)).toMatch(/^v1a,\S+ v1,\S+$/);
    expect(verifies(first, request!)).toBe(true);
  });

  it('reach no log line', async () => {
    const secret = shared();
    const key = shared();
    const { id } = await anEndpoint(app, appId, { secret });
    await rotate(id, { key });
    await secretOf(id);

    expect(app.log.join('\n')).not.toContain(secret);
    expect(app.log.join('\n')).not.toContain(key);
  });
});

describe('secrets of an installation that prefers Ed25519', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ DEFAULT_SIGNATURE_TYPE: 'ed25519' });
  });
  afterAll(() => app?.stop());

  it('are key pairs, also after a rotation', async () => {
    const { id: appId } = await anApplication(app);
    const { id } = await anEndpoint(app, appId);
    const path = `/app/${appId}/endpoint/${id}/secret`;
    const before = (await app.api.get(path)).body.key;
    await app.api.post(`${path}/rotate`, {});
    const after = (await app.api.get(path)).body.key;

    expect([before, after]).toEqual([expect.stringMatching(/^whpk_/), expect.stringMatching(/^whpk_/)]);
    expect(after).not.toBe(before);
  });
});

function signatureOf({ headers }: Received): string {
  return String(headers['webhook-signature'] ?? headers['svix-signature']);
}

function verifies(secret: string, { headers, body }: Received): boolean {
  try {
    new Webhook(secret).verify(body.toString(), headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
