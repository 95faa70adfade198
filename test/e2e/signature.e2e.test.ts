import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Received, type Receiver } from '../support/receiver.js';

const WAIT_MS = 60_000;

const SHARED = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const LONG = `whsec_${Buffer.alloc(75, 'posthorn').toString('base64')}`;
const PAIR = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
/** How DER spells that the 32 bytes behind it are an Ed25519 key. */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex');

describe('the signature of a delivery', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let status: number;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '1,1,1' });
  });
  beforeEach(async () => {
    status = 200;
    receiver = await startReceiver(() => status);
    appId = (await anApplication(app)).id;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const endpointWith = (secret: string) => anEndpoint(app, appId, { url: receiver.url, secret });
  const secretOf = async (id: string): Promise<string> => (await app.api.get(`/app/${appId}/endpoint/${id}/secret`)).body.key;
  const rotate = async (id: string, body: Record<string, unknown> = {}) => {
    const answer = await app.api.post(`/app/${appId}/endpoint/${id}/secret/rotate`, body);
    expect(answer.status).toBe(204);
  };
  const delivered = async () => {
    await aMessage(app, appId, { payload: { test: 2432232314 } });
    const [request] = await receiver.got(1, WAIT_MS);
    return request!;
  };

  it('is the one that others compute with the same secret', async () => {
    await endpointWith(SHARED);
    const request = await delivered();
    const { id, timestamp, signature } = signed(request);
    const at = new Date(timestamp * 1000);

    expect(signature).toBe(new SvixWebhook(SHARED).sign(id, at, request.body.toString()));
    expect(signature).toBe(new StandardWebhook(SHARED).sign(id, at, request.body.toString()));
    expect(Math.abs(timestamp * 1000 - request.at)).toBeLessThan(30_000);
  });

  it('is not one of another secret', async () => {
    await endpointWith(SHARED);

    expect(verifies(LONG, await delivered())).toBe(false);
  });

  it('verifies with all three secrets after two rotations, the current one first', async () => {
    const { id } = await endpointWith(SHARED);
    await rotate(id);
    const second = await secretOf(id);
    await rotate(id, { key: LONG });
    const request = await delivered();

    for (const secret of [SHARED, second, LONG]) expect(verifies(secret, request)).toBe(true);
    expect(signed(request).signature.split(' ')).toHaveLength(3);
    expect(signed(request).signature.split(' ')[0]).toBe(expectedFor(LONG, request));
  });

  it('is of both kinds while a key pair and shared secrets are valid side by side', async () => {
    const { id } = await endpointWith(SHARED);
    await rotate(id, { key: PAIR });
    const publicKey = await secretOf(id);
    await rotate(id, { key: LONG });
    const request = await delivered();
    const kinds = signed(request)
      .signature.split(' ')
      .map((one) => one.split(',')[0]);

    expect(publicKey).toBe(PUBLIC);
    expect(kinds.sort()).toEqual(['v1', 'v1', 'v1a']);
    for (const secret of [SHARED, LONG]) expect(verifies(secret, request)).toBe(true);
    expect(verifiesWithPublicKey(publicKey, request)).toBe(true);
  });

  it('is of Ed25519 alone where nothing but a key pair is valid', async () => {
    await endpointWith(PAIR);
    const request = await delivered();

    expect(signed(request).signature).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/);
    expect(verifiesWithPublicKey(PUBLIC, request)).toBe(true);
  });

  it('leaves out a secret that was rotated without a grace period', async () => {
    const { id } = await endpointWith(SHARED);
    await rotate(id, { key: LONG, gracePeriodSeconds: 0 });
    const request = await delivered();

    expect(signed(request).signature).toBe(expectedFor(LONG, request));
  });

  it('has a new timestamp and the same id on a retry', async () => {
    await endpointWith(SHARED);
    status = 500;
    await delivered();
    await receiver.got(2, WAIT_MS);
    status = 200;
    const requests = await receiver.got(3, WAIT_MS);

    expect(new Set(requests.map((request) => signed(request).id)).size).toBe(1);
    expect(signed(requests[2]!).timestamp).toBeGreaterThan(signed(requests[0]!).timestamp);
    for (const request of requests) expect(verifies(SHARED, request)).toBe(true);
  });

  it('is made with the secret of the moment, also on a retry', async () => {
    const { id } = await endpointWith(SHARED);
    status = 500;
    await delivered();
    await rotate(id, { key: LONG, gracePeriodSeconds: 0 });
    const rotatedAt = Date.now();
    status = 200;
    const requests = await receiver.waitFor((received) => received.some(({ at }) => at > rotatedAt), WAIT_MS);

    expect(verifies(LONG, requests.at(-1)!)).toBe(true);
    expect(verifies(SHARED, requests.at(-1)!)).toBe(false);
  });
});

describe.each([
  ['webhook', ['webhook']],
  ['svix', ['svix']],
  ['both', ['webhook', 'svix']],
])('with SIGNATURE_HEADERS=%s, a delivery', (setting, prefixes) => {
  let app: TestApp;
  let receiver: Receiver;

  beforeAll(async () => {
    app = await startApp({ SIGNATURE_HEADERS: setting });
    receiver = await startReceiver();
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  it('is signed under these names and no others', async () => {
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url: receiver.url, secret: SHARED });
    await aMessage(app, appId);
    const [request] = await receiver.got(1, WAIT_MS);
    const names = Object.keys(request!.headers).filter((name) => /^(webhook|svix)-/.test(name));

    expect(names.sort()).toEqual(prefixes.flatMap((p) => [`${p}-id`, `${p}-timestamp`, `${p}-signature`]).sort());
    for (const prefix of prefixes) expect(request!.headers[`${prefix}-signature`]).toBe(signed(request!).signature);
    expect(verifies(SHARED, request!)).toBe(true);
  });
});

function signed({ headers }: Received): { id: string; timestamp: number; signature: string } {
  const of = (name: string) => String(headers[`webhook-${name}`] ?? headers[`svix-${name}`]);
  return { id: of('id'), timestamp: Number(of('timestamp')), signature: of('signature') };
}

function expectedFor(secret: string, request: Received): string {
  const { id, timestamp } = signed(request);
  return new SvixWebhook(secret).sign(id, new Date(timestamp * 1000), request.body.toString());
}

function verifies(secret: string, { headers, body }: Received): boolean {
  try {
    new SvixWebhook(secret).verify(body.toString(), headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

function verifiesWithPublicKey(whpk: string, request: Received): boolean {
  const { id, timestamp, signature } = signed(request);
  const v1a = signature.split(' ').find((one) => one.startsWith('v1a,'))!;
  const raw = Buffer.from(whpk.slice('whpk_'.length), 'base64');
  const key = createPublicKey({ key: Buffer.concat([ED25519_DER, raw]), format: 'der', type: 'spki' });
  const text = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
  return verifyEd25519(null, text, key, Buffer.from(v1a.slice('v1a,'.length), 'base64'));
}
