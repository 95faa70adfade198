import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { handler as receive } from '../../hooks/receiver.mjs';
import { handler } from '../../hooks/release-check.mjs';
import { endpointSecret } from '../../hooks/signing.mjs';
import { fakeApi } from '../support/fake-api.ts';
import { AwsStandIn, Refused, serve } from '../support/stand-ins.ts';

const EVENT = { DeploymentId: 'd-ABC123', LifecycleEventHookExecutionId: 'execution-1' };
const SECRETS: Record<string, string> = { 'arn:jwt': 'j'.repeat(64), 'arn:key': 'k'.repeat(43) };
const readSecret = ({ SecretId }: { SecretId: string }) => ({ SecretString: SECRETS[SecretId] });

const aws = new AwsStandIn();
let stops: (() => Promise<void>)[] = [];

/** A Lambda context in which so much time is left. */
const leaving = (ms: number) => {
  const end = Date.now() + ms;
  return { getRemainingTimeInMillis: () => end - Date.now() };
};
const verdicts = () => aws.inputsOf('PutLifecycleEventHookExecutionStatus');

beforeAll(() => aws.start());
afterAll(() => aws.stop());

beforeEach(async () => {
  const receiver = await serve(async ({ headers, body }) => {
    const { statusCode, body: answer } = await receive({ headers, body: body.toString('base64'), isBase64Encoded: true });
    return { status: statusCode, body: answer };
  });
  stops = [receiver.stop];
  aws.play({ GetSecretValue: readSecret, PutLifecycleEventHookExecutionStatus: () => ({}) });
  const environment = {
    JWT_SECRET_ARN: 'arn:jwt',
    RECEIVER_KEY_ARN: 'arn:key',
    CHECK_NAME: 'AfterAllowTestTraffic',
    RECEIVER_URL: receiver.url,
  };
  Object.assign(process.env, environment);
});
afterEach(async () => {
  for (const stop of stops) await stop();
});

async function checked(wishes: Parameters<typeof fakeApi>[0], leftMs = 180_000, event = EVENT) {
  const api = await fakeApi(wishes);
  stops.push(api.stop);
  process.env.API_URL = api.url;
  await handler(event, leaving(leftMs));
  return api;
}

describe('release check', () => {
  it('tells CodeDeploy Succeeded, once, after a signed webhook arrived', async () => {
    await checked({});
    expect(verdicts()).toEqual([
      {
        deploymentId: EVENT.DeploymentId,
        lifecycleEventHookExecutionId: EVENT.LifecycleEventHookExecutionId,
        status: 'Succeeded',
      },
    ]);
  });

  it('carries a token of its own tenant, good for minutes, and cleans up', async () => {
    const { seen } = await checked({});
    const [head, claims, signature] = seen
      .find(({ method }) => method === 'POST')!
      .authorization!.replace('Bearer ', '')
      .split('.');
    expect(createHmac('sha256', SECRETS['arn:jwt']!).update(`${head}.${claims}`).digest('base64url')).toBe(signature);
    const { sub, exp, iat } = JSON.parse(Buffer.from(claims!, 'base64url').toString());
    expect(sub).toBe('org_release_check');
    expect(exp - iat).toBe(900);
    expect(seen.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/v1/app/d-ABC123-AfterAllowTestTraffic' });
  });

  it.each([
    ['the first of a list', 'n'.repeat(64) + ',' + 'j'.repeat(64), 'n'.repeat(64)],
    ['the first that is not empty', ` ,${'n'.repeat(64)}`, 'n'.repeat(64)],
    ['a secret with an escaped comma', `n\\,${'n'.repeat(64)},old`, `n,${'n'.repeat(64)}`],
  ])('signs with %s', async (_what, list, first) => {
    aws.play({
      GetSecretValue: ({ SecretId }) => ({ SecretString: SecretId === 'arn:jwt' ? list : SECRETS[SecretId] }),
      PutLifecycleEventHookExecutionStatus: () => ({}),
    });
    const { seen } = await checked({});
    const [head, claims, signature] = seen
      .find(({ method }) => method === 'POST')!
      .authorization!.replace('Bearer ', '')
      .split('.');
    expect(createHmac('sha256', first).update(`${head}.${claims}`).digest('base64url')).toBe(signature);
  });

  it('sends one message of its own kind, to the receiver, in an application named after deployment and event', async () => {
    const { seen } = await checked({}, 180_000, { DeploymentId: 'd/ÄB 1', LifecycleEventHookExecutionId: 'execution-1' });
    const uid = 'd--B-1-AfterAllowTestTraffic';
    const posted = seen.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, body]);
    expect(posted).toEqual([
      ['/api/v1/app?get_if_exists=true', { name: 'Release check', uid }],
      [`/api/v1/app/${uid}/endpoint`, { url: process.env.RECEIVER_URL, secret: endpointSecret(SECRETS['arn:key']!) }],
      [`/api/v1/app/${uid}/msg`, { eventType: 'release.check', payload: { check: uid } }],
    ]);
    expect(seen.map(({ path }) => path)).toContain(`/api/v1/app/${uid}/attempt/msg/msg_1?endpoint_id=ep_1`);
  });

  it('waits for a green that is not well yet', async () => {
    await checked({ health: (nth) => (nth < 3 ? 503 : 200) });
    expect(verdicts()).toMatchObject([{ status: 'Succeeded' }]);
  });

  it('sends more messages after a first attempt that reached nobody, and wants three in a row', async () => {
    const { seen } = await checked({ firstAttemptsFail: 1 });
    expect(verdicts()).toMatchObject([{ status: 'Succeeded' }]);
    expect(seen.filter(({ path }) => path.endsWith('/msg'))).toHaveLength(4);
  });

  it('tells Failed when no first attempt arrives: the second ones are made by the release before', async () => {
    await checked({ firstAttemptsFail: Infinity }, 32_000);
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
  });

  it('sends one message a second while first attempts fail', async () => {
    const { seen } = await checked({ firstAttemptsFail: Infinity }, 32_500);
    expect(seen.filter(({ path }) => path.endsWith('/msg')).length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['the API fails', { message: 500 }],
    ['the signature is wrong', { wrongKey: true }],
  ])('tells Failed when %s, and still cleans up', async (_what, wishes) => {
    const { seen } = await checked(wishes);
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
    expect(seen.at(-1)!.method).toBe('DELETE');
  });

  it.each([
    ['nothing arrives', { silent: true }],
    ['it never gets well', { health: () => 503 }],
    ['nothing answers', { hangs: true }],
  ])('tells Failed when %s, before its own time is up', async (_what, wishes) => {
    const startedAt = Date.now();
    await checked(wishes, 32_000);
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it('tells Failed when it was given too little time to begin with', async () => {
    await checked({}, 1_000);
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
  });

  it('tells Failed when it can not read its secrets', async () => {
    aws.play({
      GetSecretValue: () => {
        throw new Refused('no');
      },
      PutLifecycleEventHookExecutionStatus: () => ({}),
    });
    await checked({});
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
  });

  it('tells Failed when a secret is empty', async () => {
    aws.play({ GetSecretValue: () => ({ SecretString: '' }), PutLifecycleEventHookExecutionStatus: () => ({}) });
    await checked({});
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
  });

  it.each(['RECEIVER_URL', 'API_URL', 'JWT_SECRET_ARN', 'RECEIVER_KEY_ARN', 'CHECK_NAME'])(
    'tells Failed without %s',
    async (name) => {
      process.env.API_URL = 'http://127.0.0.1:9';
      delete process.env[name];
      await handler(EVENT, leaving(180_000));
      expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
    },
  );

  it('tells Failed when it is not configured', async () => {
    delete process.env.RECEIVER_URL;
    await checked({});
    expect(verdicts()).toMatchObject([{ status: 'Failed' }]);
  });

  it('tells again when CodeDeploy did not take it at first', async () => {
    aws.play({
      GetSecretValue: readSecret,
      PutLifecycleEventHookExecutionStatus: (_input, nth) => {
        if (nth < 3) throw new Refused('busy');
        return {};
      },
    });
    await checked({});
    expect(verdicts()).toHaveLength(3);
  });
});
