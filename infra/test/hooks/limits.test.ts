import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { limits } from '../../hooks/limits.mjs';
import { serve } from '../support/stand-ins.ts';
import { INFRA } from '../support/synth.ts';

describe('the time limits of calls to AWS', () => {
  it('end a call that is not answered', async () => {
    const silent = await serve(() => new Promise(() => undefined));
    const client = new SecretsManagerClient({
      ...limits,
      maxAttempts: 1,
      endpoint: silent.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'stand-in', secretAccessKey: 'stand-in' },
    });
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'arn' }))).rejects.toThrow(/5000 ms requestTimeout/);
    client.destroy();
    await silent.stop();
  });

  it('leave room for three tries in the shortest function', () => {
    expect(limits).toEqual({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    });
  });

  it('are those of every client in hooks/', () => {
    const hooks = join(INFRA, 'hooks');
    const clients = readdirSync(hooks).flatMap((file) =>
      [...readFileSync(join(hooks, file), 'utf8').matchAll(/new \w+Client\(([^)]*)\)/g)].map(([, settings]) => [file, settings]),
    );
    expect(clients.length).toBeGreaterThan(4);
    expect(clients.filter(([, settings]) => !/^(limits|\{ \.\.\.limits, .*\})$/.test(settings!))).toEqual([]);
  });
});
