import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiCaller, ApiFailed } from '../../hooks/api.mjs';
import { readSecret } from '../../hooks/secret.mjs';
import { AwsStandIn, serve } from '../support/stand-ins.ts';

const access = { jwtSecret: 'j'.repeat(32), orgId: 'org_1', limitMs: 60_000 };

describe('a call of the API', () => {
  it('has a bearer token and a body in JSON, and answers what the API answers', async () => {
    const seen: unknown[] = [];
    const { url, stop } = await serve(async ({ method, path, headers, body }) => {
      seen.push([method, path, headers['content-type'], body.toString()]);
      return { status: 201, body: { token: headers.authorization } };
    });
    const call = apiCaller({ ...access, apiUrl: url });
    expect(await call('POST', '/things', { a: 1 })).toEqual({ token: expect.stringMatching(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/) });
    await call('GET', '/things');
    await stop();
    expect(seen).toEqual([
      ['POST', '/things', 'application/json', '{"a":1}'],
      ['GET', '/things', 'application/json', ''],
    ]);
  });

  it('answers an empty object where the API answers nothing', async () => {
    const { url, stop } = await serve(async () => ({ status: 204, body: null }));
    expect(await apiCaller({ ...access, apiUrl: url })('DELETE', '/things')).toEqual({});
    await stop();
  });

  it.each([400, 401, 429, 500, 503])('fails with what was answered if the status is %i', async (status) => {
    const { url, stop } = await serve(async () => ({ status, body: 'because' }));
    const failed = apiCaller({ ...access, apiUrl: url })('GET', '/things');
    await expect(failed).rejects.toThrow(ApiFailed);
    await expect(failed).rejects.toThrow(`GET /things answered ${status}: because`);
    await stop();
  });

  it.each([
    ['its time limit', { limitMs: 50 }],
    ['its time limit, before that of the check', { limitMs: 50, signal: AbortSignal.timeout(60_000) }],
    ['the signal of the check', { signal: AbortSignal.timeout(50) }],
  ])('ends at %s although nothing answers', async (_what, limit) => {
    const { url, stop } = await serve(() => new Promise(() => undefined));
    const startedAt = performance.now();
    await expect(apiCaller({ ...access, apiUrl: url, ...limit })('GET', '/things')).rejects.toThrow(/abort|timeout/i);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await stop();
  });
});

describe('a secret', () => {
  const aws = new AwsStandIn();
  beforeAll(() => aws.start());
  afterAll(() => aws.stop());

  it('is read by its ARN', async () => {
    aws.play({ GetSecretValue: () => ({ SecretString: 'text' }) });
    expect(await readSecret('arn:one')).toBe('text');
    expect(aws.inputsOf('GetSecretValue')).toEqual([{ SecretId: 'arn:one' }]);
  });

  it('that is empty is an error, and names it', async () => {
    aws.play({ GetSecretValue: () => ({ SecretString: '' }) });
    await expect(readSecret('arn:one')).rejects.toThrow('the secret arn:one is empty');
  });
});
